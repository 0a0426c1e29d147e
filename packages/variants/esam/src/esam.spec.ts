import { lossOfBatch, type LossFunction, type SharpnessAwareOptimizer } from '@flatmin/core';
import { capture } from '@flatmin/graph';
import { definePlugin, metaFactory, type StepOutcome } from '@flatmin/core/plugin';
import { sam } from '@flatmin/sam';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { z } from 'zod';
import { selectedCount } from './esam.js';
import { esam } from './plugin.js';

const made: { dispose(): void }[] = [];
afterEach(() => made.splice(0).forEach((each) => each.dispose()));
const own = <T extends { dispose(): void }>(each: T): T => {
  made.push(each);
  return each;
};
const values = (tensor: tf.Tensor): number[] => Array.from(tensor.dataSync());
const sgd = { use: 'sgd', learningRate: 0.1 };

/** Two tensors of one number each; the gradient of 3 a + 4 b is (3, 4) everywhere. */
function offsetOf(optimizer: SharpnessAwareOptimizer): number[] {
  const variables = [tf.variable(tf.tensor1d([0])), tf.variable(tf.tensor1d([0]))] as const;
  const seen: number[][] = [];
  const loss = (): tf.Scalar => {
    seen.push(variables.flatMap((variable) => values(variable)));
    return tf.tidy(() => tf.sum<tf.Scalar>(tf.add(tf.mul(3, variables[0]), tf.mul(4, variables[1]))));
  };
  optimizer.minimize(loss, false, [...variables]);
  tf.dispose([...variables]);
  optimizer.dispose();
  return seen.at(-1) as number[];
}

/** Per example a / 2 (w - x)^2, of one number w; the rows are [a, x]. */
function springs(w: tf.Variable, rows: readonly (readonly [number, number])[]): LossFunction {
  const x = own(tf.tensor2d(rows.map((row) => [...row])));
  const perExample = (some: tf.Tensor2D): tf.Tensor1D => {
    const [a, center] = tf.split(some, 2, 1) as [tf.Tensor2D, tf.Tensor2D];
    return tf.reshape(tf.mul(tf.mul(0.5, a), tf.square(tf.sub(w, center))), [-1]);
  };
  return lossOfBatch(perExample, x, x);
}

describe('the perturbation of some tensors', () => {
  it('is rho / beta long over the kept tensors, and leaves the others where they are', () => {
    const seeds = fc.nat(2 ** 31);
    const beta = fc.double({ min: 0.05, max: 1, noNaN: true });
    fc.assert(
      fc.property(seeds, beta, (seed, b) => {
        const [first, second] = offsetOf(esam({ rho: 0.5, beta: b, seed, base: sgd })) as [number, number];
        const length = Math.hypot(first, second);
        if (length > 0) expect(length * b).toBeCloseTo(0.5, 5);
        // Both: in the ratio of the gradients.
        if (first > 0 && second > 0) expect(second / first).toBeCloseTo(4 / 3, 4);
      }),
      { numRuns: 40, seed: 10 },
    );
  });

  it('has the expectation over masks that the formula gives', () => {
    // Both kept, with probability beta^2: rho (3, 4) / 5 / beta; one of them, with beta (1 - beta): rho / beta of it
    // alone. The mean is rho (beta 3/5 + 1 - beta, beta 4/5 + 1 - beta).
    const [rho, beta, draws] = [0.5, 0.6, 600];
    const sums = [0, 0];
    let both = 0;
    for (let seed = 0; seed < draws; seed++) {
      const offset = offsetOf(esam({ rho, beta, seed, base: sgd }));
      offset.forEach((value, i) => (sums[i] = (sums[i] as number) + value / draws));
      if (offset.every((value) => value > 0)) both++;
    }
    // Values between 0 and rho / beta deviate by half of it at most.
    const bound = (4 * (rho / beta)) / Math.sqrt(draws) / 2;
    expect(Math.abs((sums[0] as number) - rho * (beta * 0.6 + 1 - beta))).toBeLessThan(bound);
    expect(Math.abs((sums[1] as number) - rho * (beta * 0.8 + 1 - beta))).toBeLessThan(bound);
    expect(Math.abs(both / draws - beta ** 2)).toBeLessThan(4 * Math.sqrt((beta ** 2 * (1 - beta ** 2)) / draws));
  });

  it('takes the first gradient of the kept tensors alone, the second of all', () => {
    const variables = [own(tf.variable(tf.tensor1d([3]))), own(tf.variable(tf.tensor1d([4])))] as const;
    const optimizer = own(esam({ beta: 0.5, base: sgd }));
    const loss = (): tf.Scalar => tf.tidy(() => tf.sum<tf.Scalar>(tf.mul(variables[0], variables[1])));
    optimizer.minimize(loss, false, [...variables]); // The first step looks for the variables.
    const backward = jest.spyOn(tf.engine(), 'gradients');
    const counts = Array.from({ length: 8 }, () => {
      backward.mockClear();
      optimizer.minimize(loss, false, [...variables]);
      return backward.mock.calls.map(([, xs]) => xs.length).join(' ');
    });
    backward.mockRestore();
    // One kept, then both differentiated; both kept; none kept, which is the base's step.
    for (const count of counts) expect(['1 2', '2 2', '2']).toContain(count);
    expect(counts).toContain('1 2');
  });
});

describe('the selection of examples', () => {
  it('keeps ceil(gamma B), whatever rounding does to the product', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 512 }), (percent, batch) => {
        expect(selectedCount(percent / 100, batch)).toBe(Math.ceil((percent * batch) / 100));
      }),
      { numRuns: 300, seed: 11 },
    );
    expect(selectedCount(0.7, 10)).toBe(7); // 0.7 * 10 is 7.000000000000001 elsewhere.
    expect(selectedCount(1e-12, 4)).toBe(1);
  });

  it('descends on the examples that the perturbation hurts most', () => {
    const spring = fc.tuple(fc.integer({ min: 1, max: 9 }), fc.integer({ min: -50, max: 50 }));
    const rows = fc.uniqueArray(spring, { minLength: 2, maxLength: 8, selector: ([a, x]) => `${a} ${x}` });
    fc.assert(
      fc.property(rows, fc.double({ min: 0.05, max: 1, noNaN: true }), (chosen, gamma) => {
        const g = chosen.reduce((sum, [a, x]) => sum - a * (x / 10), 0) / chosen.length;
        const moved = Math.sign(g) * 0.5;
        const rise = ([a, x]: readonly [number, number]): number => (a / 2) * ((moved - x / 10) ** 2 - (x / 10) ** 2);
        const sorted = [...chosen].sort((one, other) => rise(other) - rise(one));
        const k = selectedCount(gamma, chosen.length);
        const isTied = k < chosen.length && rise(sorted[k - 1]!) - rise(sorted[k]!) <= 1e-3;
        fc.pre(Math.abs(g) > 1e-3 && !isTied);
        const expected = sorted.slice(0, k).reduce((sum, [a, x]) => sum + a * (moved - x / 10), 0) / k;
        const w = tf.variable(tf.scalar(0));
        const optimizer = esam({ rho: 0.5, gamma, base: sgd });
        optimizer.minimize(springs(w, chosen.map(([a, x]) => [a, x / 10])), false, [w]); // prettier-ignore
        expect(values(w)[0]).toBeCloseTo(-0.1 * expected, 4);
        w.dispose();
        optimizer.dispose();
      }),
      { numRuns: 40, seed: 12 },
    );
  });

  it('costs one forward pass besides the two gradients, one of which is of the selected rows', () => {
    const w = own(tf.variable(tf.scalar(2)));
    const x = own(tf.tensor1d([0, 1, 5, 4]));
    const passes: number[] = [];
    const loss = lossOfBatch(
      (rows: tf.Tensor1D) => {
        passes.push(rows.size);
        return tf.mul<tf.Tensor1D>(0.5, tf.square(tf.sub(w, rows)));
      },
      x,
      x,
    );
    const optimizer = own(esam({ gamma: 0.5, base: sgd }));
    optimizer.minimize(loss, false, [w]); // Looks for the variables.
    passes.length = 0;
    optimizer.minimize(loss, false, [w]);
    expect(passes).toEqual([4, 4, 2]);
    expect(optimizer.lastStep.gradientEvaluations).toBe(2);
  });

  it('gives LETS a clean gradient of the same examples', () => {
    const seen: StepOutcome<unknown>[] = [];
    const watch = metaFactory(
      definePlugin({
        kind: 'meta',
        id: 'watch',
        apiVersion: 1,
        options: z.strictObject({}),
        create: (_, { inner }) => ({
          ...inner,
          estimate: (step) => {
            const outcome = inner.estimate(step);
            const { clean, direction, perturbed } = outcome.ascent as NonNullable<typeof outcome.ascent>;
            seen.push(outcome);
            // B+ is 5 and 4: their mean gradient at 2 is 2 - 4.5, at 1.5 it is 1.5 - 4.5; the direction is -1.
            expect([clean, direction, perturbed].map(([tensor]) => values(tensor as tf.Tensor)[0])).toEqual([
              -2.5, -1, -3,
            ]);
            return outcome;
          },
        }),
      }),
    );
    const w = own(tf.variable(tf.scalar(2)));
    const optimizer = own(watch(esam({ rho: 0.5, gamma: 0.5, base: sgd })));
    optimizer.minimize(springs(w, [0, 1, 5, 4].map((x) => [1, x])), false, [w]); // prettier-ignore
    expect(seen).toHaveLength(1);
    expect(optimizer.lastStep.gradientEvaluations).toBe(3);
  });

  it('says what it needs of a loss, and is SAM on any loss without it', () => {
    const w = own(tf.variable(tf.tensor2d([[3, 2]])));
    const loss = (): tf.Scalar => tf.tidy(() => tf.sum<tf.Scalar>(tf.square(w)));
    const selecting = own(esam({ gamma: 0.5, base: sgd }));
    expect(() => selecting.minimize(loss, false, [w])).toThrow(
      /esam with gamma below 1 needs loss\.perExample.*batchLoss/s,
    );
    expect(values(w)).toEqual([3, 2]);
    own(esam({ base: sgd })).minimize(loss, false, [w]);
    const same = own(tf.variable(tf.tensor2d([[3, 2]])));
    const parent = own(sam({ base: sgd }));
    parent.minimize(() => tf.tidy(() => tf.sum<tf.Scalar>(tf.square(same))), false, [same]);
    expect(values(w)).toEqual(values(same));
  });

  it.each([
    [{ beta: 0 }, /beta.*got 0/s],
    [{ beta: 1.1 }, /beta/],
    [{ gamma: 0 }, /gamma.*got 0/s],
    [{ gamma: Number.NaN }, /gamma/],
  ])('refuses %o', (options, message) => {
    expect(() => esam({ ...options, base: sgd })).toThrow(message);
  });
});

const { FLATMIN_BACKEND: backendName = 'tensorflow' } = process.env;
(backendName === 'tensorflow' ? describe : describe.skip)('as a graph', () => {
  const normal = (shape: number[], seed: number): tf.Tensor => own(tf.randomNormal(shape, 0, 0.5, 'float32', seed));

  /** A two-layer network, and the weights that `steps` steps leave it with. */
  function train(isCaptured: boolean, seed: number): { weights: number[]; eagerOps: number; graphs: number } {
    const [x, y] = [normal([16, 6], 1), normal([16, 2], 2)] as [tf.Tensor2D, tf.Tensor2D];
    const variables = [[6, 8], [8], [8, 2], [2]].map((shape, i) => own(tf.variable(normal(shape, 3 + i))));
    const [w1, b1, w2, b2] = variables as [tf.Variable, tf.Variable, tf.Variable, tf.Variable];
    const model = (input: tf.Tensor): tf.Tensor => tf.add(tf.matMul(tf.relu(tf.add(tf.matMul(input, w1), b1)), w2), b2);
    const perExample = (input: tf.Tensor2D, target: tf.Tensor2D): tf.Tensor1D =>
      tf.sum(tf.square(tf.sub(model(input), target)), 1);
    const optimizer = own(esam({ rho: 0.1, beta: 0.4, gamma: 0.5, seed, base: { use: 'momentum', momentum: 0.9, learningRate: 0.02 } })); // prettier-ignore
    const lossOf = (input: tf.Tensor2D, target: tf.Tensor2D): LossFunction => lossOfBatch(perExample, input, target);
    const step = own(capture(optimizer, lossOf, [x, y], { variables }));
    const backend = tf.backend() as unknown as { executeSingleOutput: (...given: never[]) => tf.Tensor };
    let eagerOps = 0;
    for (let i = 0; i < 40; i++) {
      const execute = jest.spyOn(backend, 'executeSingleOutput');
      if (isCaptured) step(x, y).dispose();
      else tf.dispose(optimizer.minimize(lossOf(x, y), true, variables) as tf.Scalar);
      if (i >= 30) eagerOps += execute.mock.calls.length;
      execute.mockRestore();
    }
    return { weights: variables.flatMap(values), eagerOps, graphs: step.graphs };
  }

  it('draws other tensors at each step, and leaves the same weights', () => {
    fc.assert(
      fc.property(fc.nat(1000), (seed) => {
        const [eager, captured] = [train(false, seed), train(true, seed)];
        captured.weights.forEach((w, i) => expect(Math.abs(w - (eager.weights[i] as number))).toBeLessThan(2e-5));
        // One for steps that perturb something; one in 8 keeps no tensor (0.6^4).
        expect([1, 2]).toContain(captured.graphs);
        expect(captured.eagerOps).toBe(0);
      }),
      { numRuns: 3, seed: 3 },
    );
  });
});
