import { describe, expect, it, jest } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { SharpnessAwareOptimizer } from './optimizer.js';
import {
  optimizerOf,
  plainOutcome,
  quadratic,
  rejectionOf,
  thrownBy,
  toyAverage,
  toySam,
  valuesOf,
  variableOf,
  variablesOf,
  variantOf,
} from '../toys.fixture.js';
import type { SharpnessVariant } from '../variant/variant.js';

/** A variant that keeps rho in its state and doubles it each step. */
const doubling: SharpnessVariant<{ rho: tf.Scalar }> = {
  id: 'doubling',
  radius: 'linear',
  initialState: () => ({ rho: tf.scalar(0.25) }),
  estimate: (step) => ({
    ...toySam.estimate({ ...step, radius: step.state.rho }),
    state: { rho: tf.mul<tf.Scalar>(step.state.rho, 2) },
  }),
  learnedRadius: {
    initial: 0.25,
    min: 0.1,
    max: 4,
    read: ({ rho }) => rho,
    write: (_, rho) => ({ rho }),
  },
};

describe('minimize', () => {
  it('takes a SAM step, by hand', () => {
    const [a, b] = variablesOf(3, 4) as [tf.Variable, tf.Variable];
    const loss = () => tf.mul<tf.Scalar>(0.5, tf.add(tf.square(a as tf.Tensor), tf.square(b as tf.Tensor)));
    optimizerOf(toySam, { rho: 0.5 }).minimize(loss, false, [a, b]); // The norm is 5, of both together.
    expect(valuesOf([a])[0]?.[0]).toBeCloseTo(3 - 0.1 * 3.3, 6);
    expect(valuesOf([b])[0]?.[0]).toBeCloseTo(4 - 0.1 * 4.4, 6);
  });

  it('returns the clean loss when asked, inside and outside a tidy, and else nothing', () => {
    const w = variableOf(2);
    const optimizer = optimizerOf(toySam);
    const cost = optimizer.minimize(quadratic(w), true, [w]) as tf.Scalar;
    expect(cost.dataSync()[0]).toBe(2);
    cost.dispose();
    const inside = tf.tidy(() => optimizer.minimize(quadratic(w), true, [w]) as tf.Scalar);
    expect(inside.isDisposed).toBe(false);
    expect(optimizer.minimize(quadratic(w), false, [w])).toBeNull();
  });

  it('takes the same steps inside and outside a tidy, also where it was created in one', () => {
    const bases = ['sgd', 'momentum', 'adam', 'adamax', 'rmsprop'] as const;
    for (const use of bases) {
      const options = { use, learningRate: 0.1, ...(use === 'momentum' ? { momentum: 0.9 } : {}) };
      const run = (wrap: <T extends tf.TensorContainer>(work: () => T) => T): number[][] => {
        const w = variableOf([1, -2]);
        const optimizer = wrap(
          () => optimizerOf(toyAverage, { base: options }) as unknown as tf.TensorContainerObject,
        ) as unknown as SharpnessAwareOptimizer;
        for (let i = 0; i < 4; i++) wrap(() => (optimizer.minimize(quadratic(w), false, [w]), 0));
        const metrics = optimizer.lastStep.norm;
        optimizer.dispose();
        return [...valuesOf([w]), [metrics as number]];
      };
      expect(run((work) => tf.tidy(work))).toEqual(run((work) => work()));
    }
  });

  it('keeps memory constant over 500 steps, and gives all of it back', () => {
    const w = variableOf([1, 2]);
    const before = tf.memory().numTensors;
    for (const variant of [toySam, toyAverage, doubling] as SharpnessVariant<unknown>[]) {
      const optimizer = optimizerOf(variant, { base: { use: 'adam', learningRate: 1e-4 }, clipNorm: 1 });
      optimizer.minimize(quadratic(w), false, [w]);
      const { numTensors, numBytes } = tf.memory();
      const steps = variant === (toySam as unknown) ? 500 : 50;
      for (let i = 0; i < steps; i++) optimizer.minimize(quadratic(w), false, [w]);
      expect(tf.memory()).toMatchObject({ numTensors, numBytes });
      optimizer.dispose();
      optimizer.dispose();
      expect(tf.memory().numTensors).toBe(before);
    }
  });

  it('reads nothing back', () => {
    const w = variableOf([1, 2]);
    const optimizer = optimizerOf(doubling, { clipNorm: 1, base: { use: 'adam', learningRate: 0.1 } });
    const backend = tf.backend();
    const spies = [
      jest.spyOn(tf.Tensor.prototype, 'dataSync'),
      jest.spyOn(tf.Tensor.prototype, 'data'),
      jest.spyOn(tf.Tensor.prototype, 'arraySync'),
      jest.spyOn(backend, 'readSync'),
      jest.spyOn(backend, 'read'),
    ];
    optimizer.minimize(quadratic(w), false, [w]);
    const reads = spies.map((spy) => spy.mock.calls.length);
    for (const spy of spies) spy.mockRestore();
    expect(reads).toEqual([0, 0, 0, 0, 0]);
  });

  it('clips the final gradient once', () => {
    const w = variableOf([3, 4]);
    const seen: number[] = [];
    const variant = variantOf((step) => {
      seen.push(...(valuesOf(step.evaluate().gradient)[0] as number[]));
      return plainOutcome(step);
    });
    optimizerOf(variant, { clipNorm: 1 }).minimize(quadratic(w), false, [w]);
    expect(seen).toEqual([3, 4]); // What the variant sees is not clipped.
    expect(valuesOf([w])[0]?.[0]).toBeCloseTo(3 - 0.1 * 0.6, 5);
    const short = variableOf([0.3, 0.4]);
    optimizerOf(variant, { clipNorm: 1 }).minimize(quadratic(short), false, [short]);
    expect(valuesOf([short])[0]?.[0]).toBeCloseTo(0.3 - 0.1 * 0.3, 6);
  });
});

describe('the surface', () => {
  it('is a tf.Optimizer', () => {
    const optimizer = optimizerOf(toySam);
    expect(optimizer instanceof tf.Optimizer).toBe(true);
    expect(optimizer instanceof SharpnessAwareOptimizer).toBe(true);
    expect(tf.train.sgd(0.1) instanceof SharpnessAwareOptimizer).toBe(false);
    expect(optimizer.getClassName()).toBe('FlatminSharpnessAwareOptimizer');
  });

  it('reads and sets radius, in place of a schedule too', () => {
    const w = variableOf([3, 4]);
    const optimizer = optimizerOf(toySam, { rho: { schedule: 'linear', from: 1, to: 0, steps: 3 } });
    expect(optimizer.radius).toBe(1);
    optimizer.minimize(quadratic(w), false, [w]);
    expect(optimizer.lastStep.radius).toBe(1);
    expect(optimizer.radius).toBe(0.5);
    optimizer.radius = 0.25;
    optimizer.minimize(quadratic(w), false, [w]);
    optimizer.minimize(quadratic(w), false, [w]);
    expect(optimizer.lastStep.radius).toBe(0.25);
    for (const value of [NaN, -1, Infinity, '1' as unknown as number]) {
      expect(thrownBy(() => (optimizer.radius = value)).code).toBe('SPEC_INVALID');
    }
    expect(optimizer.radius).toBe(0.25);
  });

  it('reads and sets a radius that the variant keeps, within its range, before and after steps', () => {
    const w = variableOf([3, 4]);
    const optimizer = optimizerOf(doubling);
    expect(optimizer.radius).toBe(0.25);
    optimizer.radius = 0.5;
    expect(optimizer.radius).toBe(0.5);
    optimizer.minimize(quadratic(w), false, [w]);
    expect(optimizer.radius).toBe(1);
    optimizer.radius = 0.25;
    expect(optimizer.radius).toBe(0.25);
    optimizer.minimize(quadratic(w), false, [w]);
    expect(optimizer.radius).toBe(0.5);
    expect(thrownBy(() => (optimizer.radius = 5)).message).toContain('[0.1, 4]');
    expect(thrownBy(() => (optimizer.radius = 0.05)).code).toBe('SPEC_INVALID');
  });

  it('has radius 0 without a variant that uses one, and refuses to set it', () => {
    const optimizer = optimizerOf(toyAverage);
    expect(optimizer.radius).toBe(0);
    const error = thrownBy(() => (optimizer.radius = 0.1));
    expect(error.code).toBe('RADIUS_NOT_SETTABLE');
    expect(error.message).toContain('toy-average');
  });

  it('gives the metrics of the last step lazily, each once', () => {
    const w = variableOf([3, 4]);
    const optimizer = optimizerOf(
      variantOf((step) => ({
        ...toySam.estimate(step),
        metrics: { branch: 'sam', fifth: 5, count: tf.scalar(7, 'int32'), yes: tf.scalar(true) },
      })),
      { rho: 0.5 },
    );
    expect(thrownBy(() => optimizer.lastStep).code).toBe('LAST_STEP_EXPIRED');
    optimizer.minimize(quadratic(w), false, [w]);
    const read = jest.spyOn(tf.Tensor.prototype, 'dataSync');
    const { lastStep } = optimizer;
    expect(lastStep.branch).toBe('sam');
    expect(lastStep.gradientEvaluations).toBe(2);
    expect(lastStep.perturbationNorm).toBeNull();
    expect(read).not.toHaveBeenCalled();
    expect({ ...lastStep }).toMatchObject({ loss: 12.5, radius: 0.5, fifth: 5, count: 7, yes: 1 });
    expect(lastStep.loss).toBe(12.5);
    expect(read).toHaveBeenCalledTimes(1);
    read.mockRestore();
  });

  it('expires metrics that were not read before the next step, and keeps those that were', async () => {
    const w = variableOf([3, 4]);
    const optimizer = optimizerOf(toySam);
    optimizer.minimize(quadratic(w), false, [w]);
    const first = optimizer.lastStep;
    const all = await optimizer.readLastStep();
    expect(all.loss).toBe(12.5);
    expect(all.radius).toBeCloseTo(0.05, 6);
    optimizer.minimize(quadratic(w), false, [w]);
    const second = optimizer.lastStep;
    optimizer.minimize(quadratic(w), false, [w]);
    expect(first.loss).toBe(12.5);
    const error = thrownBy(() => second.loss);
    expect(error.code).toBe('LAST_STEP_EXPIRED');
    expect(error.message).toContain('readLastStep()');
    expect(second.gradientEvaluations).toBe(2);
  });

  it('has radius null on steps that do not perturb', () => {
    const w = variableOf([3, 4]);
    const optimizer = optimizerOf(toySam, { every: 2 });
    optimizer.minimize(quadratic(w), false, [w]);
    expect(optimizer.lastStep.radius).not.toBeNull();
    optimizer.minimize(quadratic(w), false, [w]);
    expect(optimizer.lastStep).toMatchObject({ radius: null, branch: 'base', gradientEvaluations: 1 });
  });

  it('cannot be used once disposed, and says so', async () => {
    const w = variableOf(1);
    const optimizer = optimizerOf(doubling);
    optimizer.minimize(quadratic(w), false, [w]);
    await optimizer.getWeights();
    optimizer.dispose();
    optimizer.dispose();
    const uses = [
      () => optimizer.minimize(quadratic(w)),
      () => optimizer.computeGradients(quadratic(w)),
      () => optimizer.applyGradients({}),
      () => optimizer.radius,
      () => (optimizer.learningRate = 1),
    ];
    for (const use of uses) expect(thrownBy(use).code).toBe('OPTIMIZER_DISPOSED');
    expect((await rejectionOf(optimizer.getWeights())).code).toBe('OPTIMIZER_DISPOSED');
    expect(thrownBy(() => optimizer.lastStep.loss).code).toBe('LAST_STEP_EXPIRED');
  });

  it('needs a base to step', () => {
    const optimizer = optimizerOf(toySam, { base: undefined });
    expect(thrownBy(() => optimizer.minimize(quadratic(variableOf(1)))).code).toBe('BASE_MISSING');
    expect(thrownBy(() => optimizer.learningRate).code).toBe('BASE_MISSING');
  });
});
