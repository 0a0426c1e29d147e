import { lossOfBatch, type LossFunction, RandomStream, type SharpnessAwareOptimizer } from '@flatmin/core';
import { afterEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { eigenSam } from './plugin.js';

const made: { dispose(): void }[] = [];
afterEach(() => made.splice(0).forEach((each) => each.dispose()));
const own = <T extends { dispose(): void }>(each: T): T => (made.push(each), each);
const values = (tensor: tf.Tensor): number[] => Array.from(tensor.dataSync());
const still = { use: 'sgd', learningRate: 0 } as const;

/** 1/2 sum h w^2: its Hessian is diag(h). */
const quadratic =
  (w: tf.Variable, h: readonly number[]): LossFunction =>
  () =>
    tf.tidy(() => tf.mul(0.5, tf.sum<tf.Scalar>(tf.mul(tf.tensor1d([...h]), tf.square(w)))));

/** Where the passes of a step stood, less the weights. */
function passes(optimizer: SharpnessAwareOptimizer, w: tf.Variable, h: readonly number[]): number[][] {
  const seen: number[][] = [];
  const loss = (): tf.Scalar => {
    seen.push(values(w));
    return quadratic(w, h)();
  };
  optimizer.minimize(loss, false, [w]);
  return seen.map((at) => at.map((value, i) => value - seen[0]![i]!));
}

async function vOf(optimizer: SharpnessAwareOptimizer): Promise<number[]> {
  const weights = await optimizer.getWeights();
  made.push(...weights.map(({ tensor }) => tensor));
  return values(weights.find(({ name }) => name.startsWith('state/v/'))?.tensor as tf.Tensor);
}

/** The first draw of an optimizer of this seed, for a variable of this size. */
const drawn = (size: number, seed = 0): readonly number[] => [
  ...new RandomStream(seed).at(0).at('eigenvector').at(0).normals(size),
];

describe('eigen-sam', () => {
  it('multiplies by the Hessian and normalizes, iterations times, from what it draws', async () => {
    const h = [1, -2, 3];
    for (const iterations of [1, 2, 3]) {
      const w = own(tf.variable(tf.tensor1d([1, 2, -1])));
      const optimizer = own(eigenSam({ iterations, base: still }));
      passes(optimizer, w, h);
      const power = drawn(3).map((n, i) => n * h[i]! ** iterations);
      const length = Math.hypot(...power);
      const v = await vOf(optimizer);
      expect(v).toEqual(power.map((value) => expect.closeTo(value / length, 3)));
      // <v, H v> of the v before the last product.
      const before = drawn(3).map((n, i) => n * h[i]! ** (iterations - 1));
      const rayleigh = before.reduce((sum, value, i) => sum + h[i]! * value ** 2, 0) / Math.hypot(...before) ** 2;
      expect(optimizer.lastStep.eigenvalue).toBeCloseTo(rayleigh, 2);
    }
  });

  it('takes the two gradients of each product 0.01 along v to either side', () => {
    const w = own(tf.variable(tf.tensor1d([1, 2, -1])));
    const [, ahead, behind, ...rest] = passes(own(eigenSam({ iterations: 1, base: still })), w, [1, 2, 3]);
    const length = Math.hypot(...drawn(3));
    expect(ahead).toEqual(drawn(3).map((n) => expect.closeTo((0.01 * n) / length, 5)));
    expect(behind).toEqual(drawn(3).map((n) => expect.closeTo((-0.01 * n) / length, 5)));
    expect(rest).toHaveLength(1);
  });

  it('goes on where it ended, and finds the eigenvector of the largest curvature, of either sign', async () => {
    const w = own(tf.variable(tf.tensor1d([1, 2, -1])));
    const optimizer = own(eigenSam({ refreshEvery: 1, iterations: 2, base: still }));
    for (let t = 0; t < 12; t++) passes(optimizer, w, [1, -4, 3]);
    expect((await vOf(optimizer)).map(Math.abs)).toEqual([0, 1, 0].map((value) => expect.closeTo(value, 2)));
    expect(optimizer.lastStep.eigenvalue).toBeCloseTo(-4, 2);
  });

  it('perturbs by exactly rho, turned from the gradient by alpha on its own side of v', async () => {
    const coordinate = fc.double({ min: -3, max: 3, noNaN: true }).filter((value) => Math.abs(value) > 0.2);
    await fc.assert(
      fc.asyncProperty(
        ...[coordinate, coordinate, coordinate],
        fc.double({ min: 0.01, max: 2, noNaN: true }),
        async (a, b, c, alpha) => {
          const h = [1, 2, 3];
          const w = own(tf.variable(tf.tensor1d([a, b, c])));
          const optimizer = own(eigenSam({ rho: 0.5, alpha, base: still }));
          const offset = passes(optimizer, w, h).at(-1)!;
          expect(Math.hypot(...offset)).toBeCloseTo(0.5, 4);
          const [v, g] = [await vOf(optimizer), [a, 2 * b, 3 * c]];
          const dot = (x: readonly number[], y: readonly number[]) =>
            x.reduce((sum, value, i) => sum + value * y[i]!, 0);
          const u = g.map((value) => value / Math.hypot(...g));
          const along = dot(u, v);
          fc.pre(Math.abs(along) > 0.01);
          const d = u.map((value, i) => value + alpha * Math.sign(along) * (v[i]! - along * value));
          expect(offset).toEqual(d.map((value) => expect.closeTo((0.5 * value) / Math.hypot(...d), 3)));
          // Never less aligned with v than the gradient is.
          expect(optimizer.lastStep.alignment).toBeGreaterThanOrEqual(Math.abs(along) - 1e-5);
          expect(optimizer.lastStep.alignment).toBeCloseTo(Math.abs(dot(offset, v)) / 0.5, 4);
        },
      ),
      { numRuns: 20, seed: 8 },
    );
  });

  it('keeps v for refreshEvery steps, and where there is no curvature', async () => {
    const w = own(tf.variable(tf.tensor1d([1, 2, -1])));
    const optimizer = own(eigenSam({ refreshEvery: 2, iterations: 1, base: still }));
    expect(passes(optimizer, w, [1, 2, 3])).toHaveLength(4);
    const v = await vOf(optimizer);
    expect(passes(optimizer, w, [3, 2, 1])).toHaveLength(2);
    expect(await vOf(optimizer)).toEqual(v);
    expect('eigenvalue' in optimizer.lastStep).toBe(false);
    expect(passes(optimizer, w, [0, 0, 0])).toHaveLength(4);
    expect(await vOf(optimizer)).toEqual(v);
  });

  it('neither draws nor takes a gradient more at alpha 0', async () => {
    const w = own(tf.variable(tf.tensor1d([1, 2, -1])));
    const optimizer = own(eigenSam({ alpha: 0, base: still }));
    expect(passes(optimizer, w, [1, 2, 3])).toHaveLength(2);
    const names = (await optimizer.getWeights()).map(({ name, tensor }) => (made.push(tensor), name));
    expect(names.filter((name) => name.startsWith('state/v'))).toEqual([]);
  });

  it('goes on with the eigenvector of the first part, whose sign is its own', async () => {
    const x = own(tf.tensor2d([[1, 0], [0, 1]])); // prettier-ignore
    const w = own(tf.variable(tf.tensor1d([1, 2])));
    const perExample = (rows: tf.Tensor): tf.Tensor1D => tf.sum(tf.mul(rows, tf.square(w)), 1);
    const optimizer = own(eigenSam({ microBatches: 2, iterations: 1, base: still }));
    optimizer.minimize(lossOfBatch(perExample, x, x), false, [w]);
    expect((await vOf(optimizer)).map(Math.abs)).toEqual([1, 0].map((value) => expect.closeTo(value, 4)));
  });

  it('is drawn for each variable', () => {
    const [a, b] = [own(tf.variable(tf.tensor1d([1, 2]))), own(tf.variable(tf.tensor1d([1, 2])))];
    const seen: number[][][] = [];
    const loss = (): tf.Scalar => {
      seen.push([values(a), values(b)]);
      return tf.tidy(() => tf.add(quadratic(a, [1, 2])(), quadratic(b, [1, 2])()));
    };
    own(eigenSam({ base: still })).minimize(loss, false, [a, b]);
    expect(seen[1]?.[0]).not.toEqual(seen[1]?.[1]);
  });

  it('is drawn by seed', async () => {
    const run = async (seed: number) => {
      const w = own(tf.variable(tf.tensor1d([1, 2, -1])));
      const optimizer = own(eigenSam({ seed, iterations: 1, base: still }));
      passes(optimizer, w, [1, 2, 3]);
      return vOf(optimizer);
    };
    expect(await run(3)).toEqual(await run(3));
    expect(await run(3)).not.toEqual(await run(4));
  });

  it.each([
    [{ alpha: -1 }, /alpha.*got -1/s],
    [{ freq: 100 }, /freq.*rho, alpha, refreshEvery, iterations/s],
  ])('refuses %o', (options, message) => {
    expect(() => eigenSam({ ...options, base: still } as Parameters<typeof eigenSam>[0])).toThrow(message);
  });
});
