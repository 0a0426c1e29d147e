import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import {
  blockCurvature,
  gaussNewton,
  hessian,
  lossSurface,
  type Operator,
  spectralDensity,
  topEigenvalues,
  trace,
} from '../index.js';
import { reference, referenceSurface } from '../reference.fixture.js';
import { dot, norm } from '../vectors/vector.js';
import { symmetric, quadratic } from './quadratic.fixture.js';

let before = 0;
beforeEach(() => {
  before = tf.memory().numTensors;
});
afterEach(() => expect(tf.memory().numTensors).toBe(before));

const spectrum = Array.from({ length: 60 }, (_, i) => (i < 10 ? 10 - i : 0.5 - 0.02 * i));
const start = spectrum.map((_, i) => Math.sin(i));

describe('a quadratic of known spectrum', () => {
  it('has its eigenvalues to 1e-4, each with a vector of its own', async () => {
    const matrix = symmetric(spectrum);
    const { surface, dispose } = await quadratic(matrix, start);
    const operator = await hessian(surface);
    const { eigenvalues, residuals, converged, vectors } = await topEigenvalues(operator, { k: 10, vectors: true });
    eigenvalues.forEach((value, i) => expect(Math.abs(value - (spectrum[i] as number))).toBeLessThan(1e-4));
    expect(converged).toEqual(Array<boolean>(10).fill(true));
    expect(Math.max(...residuals)).toBeLessThan(1e-3);
    for (const [i, v] of vectors?.entries() ?? []) {
      const product = Float32Array.from(matrix, (row) => dot(row, v));
      const residual = product.map((value, j) => value - (spectrum[i] as number) * (v[j] as number));
      expect(norm(residual)).toBeLessThan(1e-3);
      for (const [j, other] of vectors?.entries() ?? []) expect(dot(v, other)).toBeCloseTo(i === j ? 1 : 0, 5);
    }
    dispose();
  });

  it('has them from below, and by size', async () => {
    const { surface, dispose } = await quadratic(
      symmetric([5, 2, 1, -1, -8, ...Array<number>(15).fill(0.1)]),
      Array<number>(20).fill(0.3),
    );
    const operator = await hessian(surface);
    const least = await topEigenvalues(operator, { k: 2, which: 'smallest' });
    const large = await topEigenvalues(operator, { k: 3, which: 'magnitude' });
    [-8, -1].forEach((value, i) => expect(least.eigenvalues[i]).toBeCloseTo(value, 4));
    [-8, 5, 2].forEach((value, i) => expect(large.eigenvalues[i]).toBeCloseTo(value, 4));
    dispose();
  });

  it('has repeated ones as often as they are there, and all where as many are asked for', async () => {
    const all = [3, 3, 3, 1, 1, 0];
    const { surface, dispose } = await quadratic(symmetric(all), all);
    const { eigenvalues, converged } = await topEigenvalues(await hessian(surface), { k: 20 });
    all.forEach((value, i) => expect(eigenvalues[i]).toBeCloseTo(value, 4));
    expect(converged).toHaveLength(6);
    dispose();
  });

  it('of any spectrum, has the largest and the smallest one, and the trace', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: 2, maxLength: 12 }),
        async (given) => {
          const all = [...given].sort((a, b) => b - a);
          const { surface, dispose } = await quadratic(symmetric(all), all);
          const operator = await hessian(surface, { step: 0.1 });
          const size = Math.max(...all.map(Math.abs), 1);
          const top = await topEigenvalues(operator, { k: 1 });
          const least = await topEigenvalues(operator, { k: 1, which: 'smallest' });
          expect(Math.abs((top.eigenvalues[0] as number) - (all[0] as number))).toBeLessThan(1e-4 * size);
          expect(Math.abs((least.eigenvalues[0] as number) - (all.at(-1) as number))).toBeLessThan(1e-4 * size);
          // More products than weights: nothing is left to chance.
          const { trace: sum, standardError } = await trace(operator, { products: 3 * all.length });
          expect(Math.abs(sum - all.reduce((a, b) => a + b))).toBeLessThan(1e-3 * size + 5 * standardError);
          dispose();
        },
      ),
      { numRuns: 15 },
    );
  });

  it('has its trace within what is said of the error, at any seed', async () => {
    const { surface, dispose } = await quadratic(symmetric(spectrum), start);
    const operator = await hessian(surface);
    const exact = spectrum.reduce((a, b) => a + b);
    const errors = { 'hutch++': 0, hutchinson: 0 };
    for (const method of ['hutch++', 'hutchinson'] as const) {
      for (let seed = 0; seed < 8; seed++) {
        const { trace: found, standardError, products } = await trace(operator, { method, seed, products: 60 });
        expect(Math.abs(found - exact)).toBeLessThan(4 * standardError);
        expect(products).toBe(60);
        errors[method] += Math.abs(found - exact) / 8;
      }
    }
    // Ten of the sixty eigenvalues have most of it.
    expect(errors['hutch++']).toBeLessThan(errors.hutchinson / 3);
    dispose();
  });

  it('has a density with its mass, its mean, and a hill where the eigenvalues are', async () => {
    const all = [...Array<number>(30).fill(0), ...Array<number>(10).fill(4)];
    const { surface, dispose } = await quadratic(symmetric(all), all);
    const found = await spectralDensity(await hessian(surface), { width: 0.02, points: 801, runs: 20 });
    const gap = (found.eigenvalues[1] as number) - (found.eigenvalues[0] as number);
    const massOf = (from: number, to: number): number =>
      found.density.reduce((sum, value, i) => {
        const at = found.eigenvalues[i] as number;
        return at >= from && at < to ? sum + value * gap : sum;
      }, 0);
    expect(massOf(-10, 10)).toBeCloseTo(1, 2);
    expect(found.mean).toBeCloseTo(massOf(2, 10) * 4, 1);
    // A quarter of the weights, as far as twenty random directions tell.
    expect(Math.abs(massOf(2, 10) - 0.25)).toBeLessThan(0.06);
    expect(massOf(0.5, 3.5)).toBeLessThan(1e-3);
    expect(found.width).toBeCloseTo(0.08, 2);
    expect(found.products).toBe(20 * 40);
    // As far off as is said, and the directions do differ.
    const error = found.standardErrors.reduce(
      (sum, each, i) => ((found.eigenvalues[i] as number) > 2 ? sum + each * gap : sum),
      0,
    );
    expect(Math.abs(massOf(2, 10) - 0.25)).toBeLessThan(4 * error);
    expect(error).toBeGreaterThan(0.005);
    expect(error).toBeLessThan(0.05);
    dispose();
  });

  it('of one eigenvalue alone has that in each direction: no error, and one hill', async () => {
    const { surface, dispose } = await quadratic(symmetric([2, 2, 2, 2]), [1, 0, 0, 1]);
    const { density, standardErrors, mean } = await spectralDensity(await hessian(surface), { runs: 4 });
    expect(mean).toBeCloseTo(2, 4);
    // A Gaussian of the width 0.02.
    expect(Math.max(...density)).toBeCloseTo(1 / (0.02 * Math.sqrt(2 * Math.PI)), 1);
    expect(Math.max(...standardErrors)).toBeLessThan(0.1);
    dispose();
  });

  it('is the same twice, and other by another seed', async () => {
    const { surface, dispose } = await quadratic(symmetric(spectrum), start);
    const operator = await hessian(surface);
    const [a, b, c] = [
      await trace(operator, { products: 9 }),
      await trace(operator, { products: 9 }),
      await trace(operator, { products: 9, seed: 1 }),
    ];
    expect(a).toEqual(b);
    expect(a.trace).not.toBe(c.trace);
    expect(await hessian(surface)).toMatchObject({ step: operator.step, error: operator.error });
    dispose();
  });
});

describe('the network of the reference', () => {
  it('has the Hessian of NumPy: eigenvalues, trace, blocks', async () => {
    const { surface, dispose } = await referenceSurface();
    const operator = await hessian(surface);
    expect(operator.error).toBeLessThan(1e-3);
    const { eigenvalues, residuals } = await topEigenvalues(operator, { k: 38 });
    reference.hessian.eigenvalues.forEach((value, i) => {
      expect(Math.abs((eigenvalues[i] as number) - value)).toBeLessThan(1e-4);
      expect(Math.abs((eigenvalues[i] as number) - value)).toBeLessThan((residuals[i] as number) + 1e-4);
    });
    const exact = await trace(operator, { products: 114 });
    expect(exact.trace).toBeCloseTo(reference.hessian.trace, 3);
    const layers = await blockCurvature(surface, 'layer', { products: 60, operator });
    expect(layers.map(({ name, size }) => [name.replace(/_\d+/, ''), size])).toEqual([['hidden', 20], ['output', 18]]); // prettier-ignore
    for (const { name, eigenvalue, trace: found } of layers) {
      const known = reference.hessian.layers[name.replace(/_\d+/, '')] as { eigenvalue: number; trace: number };
      expect(Math.abs(eigenvalue - known.eigenvalue)).toBeLessThan(1e-4);
      expect(Math.abs(found.mean - known.trace)).toBeLessThan(4 * found.standardError);
    }
    const roles = await blockCurvature(surface, 'role', { products: 60, operator });
    const kernels = roles.find(({ name }) => name === 'kernel')?.trace;
    expect(Math.abs((kernels?.mean ?? NaN) - reference.hessian.kernels)).toBeLessThan(
      4 * (kernels?.standardError ?? 0),
    );
    dispose();
  });

  it('has blocks that are those of the whole matrix, also where they lie apart, at the products that they say', async () => {
    const { surface, dispose } = await referenceSurface();
    const operator = await hessian(surface);
    const columns: number[][] = [];
    for (let i = 0; i < 38; i++)
      columns.push([...(await operator.apply(Float32Array.from({ length: 38 }, (_, j) => (i === j ? 1 : 0))))]);
    const { gradients } = surface.passes;
    let applied = 0;
    const counted = (of: Operator): Operator => ({
      ...of,
      apply: (given) => of.apply(given).finally(() => (applied += 1)),
      withStep: (step) => counted(of.withStep(step)),
    });
    const blocks = await blockCurvature(surface, 'role', { products: 5, operator: counted(operator) });
    expect(surface.passes.gradients - gradients).toBe(2 * applied);
    expect(blocks.map(({ name, size }) => [name, size])).toEqual([['kernel', 30], ['bias', 8]]); // prettier-ignore
    for (const { name, eigenvalue } of blocks) {
      const rows = surface.parameters.flatMap(({ role, start, end }) =>
        role === name ? Array.from({ length: end - start }, (_, i) => start + i) : [],
      );
      const part = new Matrix(
        rows.map((i) => rows.map((j) => (columns[i]?.[j] as number) / 2 + (columns[j]?.[i] as number) / 2)),
      );
      const exact = new EigenvalueDecomposition(part, { assumeSymmetric: true }).realEigenvalues;
      expect(eigenvalue).toBeCloseTo(Math.max(...exact), 3);
    }
    dispose();
  });

  it('has a step by the rule: of the ladder, and with the error that the next longer one shows', async () => {
    const { surface, dispose } = await referenceSurface();
    const { step, error } = await hessian(surface);
    const rung = -2 * Math.log10(step / norm(surface.weights));
    expect(rung).toBeCloseTo(Math.round(rung), 5);
    expect(rung).toBeGreaterThan(2.5);
    expect(rung).toBeLessThan(9.5);
    const again = await hessian(surface, { step });
    expect(again.error / error).toBeGreaterThan(0.8);
    expect(again.error / error).toBeLessThan(1.25);
    dispose();
  });

  it.each([false, true])('with relu has the Hessian between the kinks, eager %s', async (eager) => {
    const { surface, dispose } = await referenceSurface({ activation: tf.relu, eager });
    const [relu, gradient] = [tf.getKernel('Relu', tf.getBackend()), tf.getGradient('Relu')];
    const operator = await hessian(surface);
    expect(operator.error).toBeLessThan(1e-3);
    const { eigenvalues } = await topEigenvalues(operator, { k: eager ? 3 : 38 });
    eigenvalues.forEach((value, i) =>
      expect(Math.abs(value - (reference.relu.eigenvalues[i] as number))).toBeLessThan(2e-4),
    );
    const exact = eager ? undefined : await trace(operator, { products: 114 });
    if (exact !== undefined) expect(exact.trace).toBeCloseTo(reference.relu.trace, 3);
    expect([tf.getKernel('Relu', tf.getBackend()), tf.getGradient('Relu')]).toEqual([relu, gradient]);
    dispose();
  });

  it('has the Gauss-Newton matrix of NumPy, of which nothing is negative', async () => {
    for (const batches of [[24], [14, 10]]) {
      const { surface, dispose } = await referenceSurface({ batches });
      const operator = await gaussNewton(surface);
      const { eigenvalues } = await topEigenvalues(operator, { k: 38 });
      reference.gaussNewton.eigenvalues.forEach((value, i) =>
        expect(Math.abs((eigenvalues[i] as number) - value)).toBeLessThan(2e-4),
      );
      expect((await trace(operator, { products: 114 })).trace).toBeCloseTo(reference.gaussNewton.trace, 2);
      dispose();
    }
  });

  it('is of one curvature however it is computed: a longer step shows in the residual', async () => {
    const { surface, dispose } = await referenceSurface();
    const found = await hessian(surface);
    const coarse = await hessian(surface, { step: 1 });
    expect(coarse.error).toBeGreaterThan(10 * found.error);
    const [good, bad] = [await topEigenvalues(found, { k: 1 }), await topEigenvalues(coarse, { k: 1 })];
    const exact = reference.hessian.eigenvalues[0] as number;
    expect(Math.abs((bad.eigenvalues[0] as number) - exact)).toBeGreaterThan(1e-3);
    expect(bad.residuals[0]).toBeGreaterThan(10 * (good.residuals[0] as number));
    dispose();
  });
});

it.each([false, true])('between kinks that lie closer than the step there is no curvature, eager %s', async (eager) => {
  const v = tf.tidy(() => tf.variable(tf.scalar(0.3)));
  const grid = tf.linspace(-1, 1, 201);
  // Linear but for 201 kinks: across them the slope rises by one in all over v from -1 to 1.
  const lossOf = (at: tf.Tensor) => () => tf.mean<tf.Scalar>(tf.relu(tf.add(v, at)));
  const surface = await lossSurface(lossOf, [[grid]], { variables: [v], eager });
  expect((await surface.hessian(Float32Array.of(1), 0.1))[0]).toBe(0);
  const { gradient } = await surface.gradient(Float32Array.of(0.4));
  const { gradient: below } = await surface.gradient(Float32Array.of(0.2));
  expect(((gradient[0] as number) - (below[0] as number)) / 0.2).toBeCloseTo(0.5, 1);
  surface.dispose();
  tf.dispose([v, grid]);
});

it('what cannot be measured is refused, by name', async () => {
  const { surface, dispose } = await quadratic(symmetric([1, 2]), [1, 1]);
  const operator = await hessian(surface);
  await expect(topEigenvalues(operator, { k: 0 })).rejects.toThrow(
    /topEigenvalues\(\) has 1 problem:\n.*k: is out of range/,
  );
  await expect(trace(operator, { method: 'hutch' as 'hutch++' })).rejects.toThrow(/method: .*hutch\+\+/);
  await expect(spectralDensity(operator, { run: 1 } as object)).rejects.toThrow(
    /run: is not an option of spectralDensity/,
  );
  await expect(hessian(surface, { step: 0 })).rejects.toMatchObject({ code: 'ANALYSIS_INVALID' });
  await expect(surface.gaussNewton(Float32Array.from([1, 0]), 0.1)).rejects.toMatchObject({
    code: 'BATCH_ACCESS_MISSING',
  });
  dispose();
});
