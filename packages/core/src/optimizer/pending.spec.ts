import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import {
  optimizerOf,
  quadratic,
  thrownBy,
  toyAverage,
  toySam,
  valuesOf,
  variableOf,
  variablesOf,
} from '../toys.fixture.js';
import type { SharpnessVariant } from '../variant/variant.js';

const momentum = { base: { use: 'momentum', learningRate: 0.1, momentum: 0.9 } };

describe('computeGradients and applyGradients', () => {
  it('take the step that minimize takes, to the bit, and give the same metrics', () => {
    for (const variant of [toySam, toyAverage] as SharpnessVariant<unknown>[]) {
      const [a, b] = variablesOf([1, -2, 3], [1, -2, 3]) as [tf.Variable, tf.Variable];
      const [whole, halves] = [optimizerOf(variant, momentum), optimizerOf(variant, momentum)];
      for (let i = 0; i < 4; i++) {
        whole.minimize(quadratic(a), false, [a]);
        const { value, grads } = halves.computeGradients(quadratic(b), [b]);
        expect(value.dataSync()[0]).toBe(whole.lastStep.loss);
        expect(Object.keys(grads)).toEqual([b.name]);
        halves.applyGradients(i % 2 === 0 ? grads : [{ name: b.name, tensor: grads[b.name] as tf.Tensor }]);
        tf.dispose([value, grads]);
      }
      expect(valuesOf([b])).toEqual(valuesOf([a]));
      expect({ ...halves.lastStep }).toEqual({ ...whole.lastStep });
    }
  });

  it('change nothing until applied', () => {
    const w = variableOf([3, 4]);
    const { dataId } = w;
    const optimizer = optimizerOf(toyAverage, momentum);
    optimizer.computeGradients(quadratic(w), [w]);
    expect(w.dataId).toBe(dataId);
    expect(thrownBy(() => optimizer.lastStep).code).toBe('LAST_STEP_EXPIRED');
  });

  it('let the caller change the gradients: absent ones leave variable and slot alone', () => {
    const [a, b] = variablesOf(1, 2) as [tf.Variable, tf.Variable];
    const optimizer = optimizerOf(toySam, momentum);
    optimizer.minimize(quadratic(a, b), false, [a, b]);
    const before = valuesOf([a, b]);
    const { grads } = optimizer.computeGradients(quadratic(a, b), [a, b]);
    optimizer.applyGradients({ [b.name]: tf.mul(grads[b.name] as tf.Tensor, 2) });
    expect(valuesOf([a])[0]).toEqual(before[0]);
    expect(valuesOf([b])[0]?.[0]).not.toBe(before[1]?.[0]);
    const single = variableOf(3);
    const plain = optimizerOf(toySam);
    plain.computeGradients(quadratic(single), [single]);
    plain.applyGradients({ [single.name]: tf.scalar(10) });
    expect(valuesOf([single])[0]?.[0]).toBeCloseTo(3 - 1, 6);
    expect(plain.lastStep.gradientEvaluations).toBe(2);
  });

  it('free a step that is never applied, or replaced', () => {
    const w = variableOf([1, 2]);
    const before = tf.memory().numTensors;
    const optimizer = optimizerOf(toyAverage);
    optimizer.minimize(quadratic(w), false, [w]);
    const { numTensors } = tf.memory();
    for (let i = 0; i < 3; i++) {
      const { value, grads } = optimizer.computeGradients(quadratic(w), [w]);
      tf.dispose([value, grads]);
    }
    optimizer.minimize(quadratic(w), false, [w]);
    expect(tf.memory().numTensors).toBe(numTensors);
    const { value, grads } = optimizer.computeGradients(quadratic(w), [w]);
    tf.dispose([value, grads]);
    optimizer.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('work inside a tidy, with memory constant', () => {
    const w = variableOf([1, 2]);
    const optimizer = optimizerOf(toyAverage, momentum);
    const once = (): void =>
      tf.tidy(() => {
        const { grads } = optimizer.computeGradients(quadratic(w), [w]);
        optimizer.applyGradients(grads);
      });
    once();
    const { numTensors } = tf.memory();
    for (let i = 0; i < 20; i++) once();
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  it('alone are a plain step of the base, which the next step counts', () => {
    const w = variableOf(3);
    const optimizer = optimizerOf(toySam, { every: 2 });
    optimizer.minimize(quadratic(w), false, [w]);
    const now = valuesOf([w])[0]?.[0] as number;
    optimizer.applyGradients({ [w.name]: tf.scalar(5) });
    expect(valuesOf([w])[0]?.[0]).toBeCloseTo(now - 0.5, 6);
    expect(thrownBy(() => optimizer.lastStep).code).toBe('LAST_STEP_EXPIRED');
    optimizer.minimize(quadratic(w), false, [w]);
    expect(optimizer.lastStep.branch).toBeUndefined(); // Index 2: it perturbs.
    const unknown = thrownBy(() => optimizer.applyGradients({ nobody: tf.scalar(1) }));
    expect(unknown.code).toBe('VARIABLES_INVALID');
    expect(unknown.message).toContain('nobody');
  });

  it('take a step once: what is applied after it is a plain step', () => {
    const w = variableOf(3);
    const optimizer = optimizerOf(toySam);
    const { grads } = optimizer.computeGradients(quadratic(w), [w]);
    optimizer.applyGradients(grads);
    expect(optimizer.lastStep.gradientEvaluations).toBe(2);
    optimizer.applyGradients(grads);
    expect(thrownBy(() => optimizer.lastStep).code).toBe('LAST_STEP_EXPIRED');
  });

  it('clip a gradient that is applied alone', () => {
    const w = variableOf([0, 0]);
    optimizerOf(toySam, { clipNorm: 1 }).applyGradients({ [w.name]: tf.tensor1d([30, 40]) });
    expect(valuesOf([w])[0]?.[0]).toBeCloseTo(-0.06, 5);
  });

  it('keep the step when applying it throws, so that it can be applied again', () => {
    const w = variableOf([3, 4]);
    const optimizer = optimizerOf(toySam, { rho: 0.5 });
    const { grads } = optimizer.computeGradients(quadratic(w), [w]);
    expect(() => optimizer.applyGradients({ [w.name]: tf.zeros([3]) })).toThrow();
    expect(valuesOf([w])).toEqual([[3, 4]]);
    optimizer.applyGradients(grads);
    expect(valuesOf([w])[0]?.[0]).toBeCloseTo(2.67, 5);
    expect(optimizer.lastStep.gradientEvaluations).toBe(2);
  });

  it('keep a radius that was set in between for the next step', () => {
    const w = variableOf([3, 4]);
    const growing: SharpnessVariant<{ rho: tf.Scalar }> = {
      id: 'growing',
      radius: 'linear',
      initialState: () => ({ rho: tf.scalar(1) }),
      estimate: (step) => ({ ...toySam.estimate({ ...step, radius: step.state.rho }), state: step.state }),
      afterUpdate: ({ state }) => ({ state: { rho: tf.add(state.rho, 1) } }),
      learnedRadius: { initial: 1, min: 0, max: 9, read: ({ rho }) => rho, write: (_, rho) => ({ rho }) },
    };
    const optimizer = optimizerOf(growing);
    optimizer.minimize(quadratic(w), false, [w]);
    expect(optimizer.radius).toBe(2);
    const { grads } = optimizer.computeGradients(quadratic(w), [w]);
    optimizer.radius = 5;
    optimizer.applyGradients(grads);
    expect(optimizer.radius).toBe(5);
    optimizer.minimize(quadratic(w), false, [w]);
    expect(optimizer.radius).toBe(6);
  });
});
