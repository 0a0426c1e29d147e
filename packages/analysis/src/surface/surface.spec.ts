import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { lossSurface } from '../index.js';
import { reference, referenceSurface, vector } from '../reference.fixture.js';
import { plus } from '../vectors/vector.js';

const isNative = (): boolean => tf.getBackend() === 'tensorflow';

describe('a loss surface', () => {
  it('is the loss, the metrics and the gradient of NumPy, in one batch or several', async () => {
    for (const batches of [[24], [10, 10, 4], [1, 23]]) {
      const { surface, dispose } = await referenceSurface({ batches });
      expect([surface.size, surface.examples]).toEqual([38, 24]);
      const { loss, metrics } = await surface.value();
      expect(loss).toBeCloseTo(reference.loss, 6);
      expect(metrics['accuracy']).toBeCloseTo(reference.accuracy, 6);
      const slope = await surface.gradient();
      expect(slope.loss).toBeCloseTo(reference.loss, 6);
      slope.gradient.forEach((value, i) => expect(value).toBeCloseTo(reference.gradient[i] as number, 6));
      expect(surface.passes).toEqual({ values: 1, gradients: 1 });
      dispose();
    }
  });

  it('is the same as a graph and operation by operation', async () => {
    const [graph, eager] = [await referenceSurface(), await referenceSurface({ eager: true })];
    const point = vector(reference.other);
    const [a, b] = [await graph.surface.gradient(point), await eager.surface.gradient(point)];
    a.gradient.forEach((value, i) => expect(value).toBeCloseTo(b.gradient[i] as number, 6));
    expect((await graph.surface.value(point)).loss).toBeCloseTo((await eager.surface.value(point)).loss, 6);
    expect(eager.surface.eagerBecause).toBe('it was asked for');
    expect(graph.surface.eagerBecause === undefined).toBe(isNative());
    graph.dispose();
    eager.dispose();
  });

  it('leaves the variables, and keeps no tensor over a thousand passes', async () => {
    const { surface, variables, dispose } = await referenceSurface({ batches: [12, 12] });
    const before = variables.map((variable) => [...variable.dataSync()]);
    await surface.gradient(vector(reference.other));
    await surface.value(vector(reference.other));
    await surface.gaussNewton(vector(reference.other), 0.01);
    const { numTensors } = tf.memory();
    for (let i = 0; i < 250; i++) {
      await surface.gradient(vector(reference.other));
      await surface.value(vector(reference.third));
    }
    expect(tf.memory().numTensors).toBe(numTensors);
    expect(variables.map((variable) => [...variable.dataSync()])).toEqual(before);
    dispose();
  });

  it('gives everything back', async () => {
    const { numTensors } = tf.memory();
    const { surface, dispose } = await referenceSurface({ batches: [12, 12] });
    await surface.gradient();
    dispose();
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  it('puts the weights back when the loss throws, and says what it threw', async () => {
    const v = tf.variable(tf.tensor1d([1, 2]));
    let isBroken = false;
    const surface = await lossSurface(
      () => () => {
        if (isBroken) throw new Error('the loss is broken');
        return tf.sum(tf.square(v));
      },
      [[]],
      { variables: [v], eager: true },
    );
    const { numTensors } = tf.memory();
    isBroken = true;
    await expect(surface.gradient(vector([5, 5]))).rejects.toThrow('the loss is broken');
    expect([...v.dataSync()]).toEqual([1, 2]);
    expect(tf.memory().numTensors).toBe(numTensors);
    surface.dispose();
    v.dispose();
  });

  it('runs operation by operation where the loss uses tensors that are not its own, and says so', async () => {
    const v = tf.variable(tf.tensor1d([1, 2]));
    const c = tf.tensor1d([3, 4]);
    const surface = await lossSurface(() => () => tf.sum(tf.mul(c, v)), [[]], { variables: [v] });
    expect((await surface.gradient()).gradient).toEqual(vector([3, 4]));
    expect(surface.eagerBecause).toMatch(isNative() ? /made before|was made/ : /native backend/);
    surface.dispose();
    tf.dispose([v, c]);
  });

  it('moves no statistic, and uses what frozen variables hold at the time', async () => {
    const v = tf.variable(tf.scalar(2));
    const average = tf.variable(tf.scalar(3), false);
    const surface = await lossSurface(
      () => () => {
        const loss = tf.mul<tf.Scalar>(v, average);
        average.assign(tf.add(average, 1));
        return loss;
      },
      [[]],
      { variables: [v], frozen: [average] },
    );
    const losses = [(await surface.value()).loss, (await surface.value()).loss];
    expect([losses, average.dataSync()[0]]).toEqual([[6, 6], 3]); // prettier-ignore
    average.assign(tf.scalar(5));
    expect((await surface.value()).loss).toBe(10);
    surface.dispose();
    tf.dispose([v, average]);
  });

  it('of each batch, adds up to the whole', async () => {
    const { surface, dispose } = await referenceSurface({ batches: [18, 6] });
    const losses = [];
    for (const each of surface.ofBatches()) losses.push((await each.value()).loss);
    expect((18 * (losses[0] as number) + 6 * (losses[1] as number)) / 24).toBeCloseTo(reference.loss, 6);
    dispose();
  });

  it('reads the weights again where they have moved', async () => {
    const { surface, variables, dispose } = await referenceSurface();
    const [kernel] = variables as [tf.Variable];
    kernel.assign(tf.zeros([3, 5]));
    expect(surface.weights[0]).toBe(Math.fround(reference.weights[0] as number));
    await surface.reread();
    expect(surface.weights[0]).toBe(0);
    dispose();
  });
});

describe('a loss surface refuses', () => {
  const one = () => () => tf.scalar(1);

  it('weights that are not finite, by the name of the variable', async () => {
    const weights = reference.weights.map((weight, i) => (i === 17 ? NaN : weight));
    await expect(referenceSurface({ weights })).rejects.toMatchObject({
      code: 'NON_FINITE',
      message: expect.stringMatching(/the weights of hidden_\d+\/bias are not all finite/) as unknown,
    });
  });

  it('losses and gradients that are not finite, with how far away they are', async () => {
    const v = tf.variable(tf.tensor1d([1, 4]));
    const surface = await lossSurface(() => () => tf.sum(tf.sqrt(v)), [[]], { variables: [v], eager: true });
    await expect(surface.gradient(vector([0, 4]))).rejects.toThrow(
      /the gradient by \S+ is not finite at a distance of 1\.00 from the weights/,
    );
    await expect(surface.gradient(plus(surface.weights, -2, vector([1, 0])))).rejects.toThrow(
      /the loss is NaN at a distance of 2/,
    );
    surface.dispose();
    v.dispose();
  });

  it('nothing to differentiate, and nothing to average over', async () => {
    const v = tf.variable(tf.scalar(1));
    await expect(lossSurface(one, [[]], { variables: [] })).rejects.toThrow(/needs variables, and got none/);
    await expect(lossSurface(one, [], { variables: [v] })).rejects.toThrow(/needs batches, and got none/);
    v.dispose();
  });
});
