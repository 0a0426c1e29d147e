import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { SharpnessAwareOptimizer } from './optimizer.js';
import {
  optimizerOf,
  quadratic,
  rejectionOf,
  thrownBy,
  toyAverage,
  toySam,
  valuesOf,
  variablesOf,
} from '../toys.fixture.js';
import type { SharpnessVariant } from '../variant/variant.js';

const bases = [
  { use: 'sgd', learningRate: 0.1 },
  { use: 'momentum', learningRate: 0.1, momentum: 0.9, useNesterov: true },
  { use: 'adam', learningRate: 0.1 },
  { use: 'adamax', learningRate: 0.1, decay: 0.1 },
  { use: 'adagrad', learningRate: 0.1 },
  { use: 'adadelta', learningRate: 0.5 },
  { use: 'rmsprop', learningRate: 0.1, momentum: 0.5, centered: true },
];

/** A variant whose next step depends on everything it can: state, rho in the state, step count, random numbers. */
const remembering: SharpnessVariant<{ average: readonly tf.Tensor[]; rho: tf.Scalar; count: number }> = {
  id: 'remembering',
  radius: 'linear',
  initialState: (weights) => ({ average: weights.map((w) => tf.zerosLike(w)), rho: tf.scalar(0.1), count: 0 }),
  estimate: (step) => {
    const { average, rho, count } = step.state;
    const noise = tf.scalar(step.random.uniforms(1)[0] as number);
    const sam = toySam.estimate({ ...step, radius: tf.add<tf.Scalar>(rho, tf.mul(noise, count)) });
    const next = (sam.gradient ?? []).map((g, i) => tf.add(g, tf.mul(average[i] as tf.Tensor, 0.3)));
    return { ...sam, gradient: next, state: { average: next, rho: tf.mul(rho, 1.01), count: count + 1 } };
  },
  learnedRadius: {
    initial: 0.1,
    min: 0,
    max: 10,
    read: ({ rho }) => rho,
    write: (state, rho) => ({ ...state, rho }),
  },
};

// So many and so unlike that the order of sums shows in the bits.
const start = [[0.3, -1.7], [1e4], [1], [-2.3, 0.7], [0.9], [1], [1.5], [0.3], [11.1]];
const make = (values = start): tf.Variable[] => variablesOf(...values);
const train = (optimizer: SharpnessAwareOptimizer, variables: tf.Variable[], steps: number, order?: number[]): void => {
  const list = order === undefined ? variables : order.map((i) => variables[i] as tf.Variable);
  for (let i = 0; i < steps; i++) optimizer.minimize(quadratic(...variables), false, list);
};

/** Fresh variables with the values of others, under the same names, which are freed first. */
const reborn = (variables: tf.Variable[], rename = (name: string): string => name): tf.Variable[] =>
  variables.map((variable) => {
    const value = variable.clone();
    const { name } = variable;
    variable.dispose();
    return tf.variable(value, true, rename(name));
  });

describe('a run of 2 n steps is one of n, saved, loaded, and n more, bit for bit', () => {
  for (const base of bases) {
    for (const variant of [toySam, remembering] as SharpnessVariant<unknown>[]) {
      it(`${variant.id} over ${base.use}`, async () => {
        const settings = { base, seed: 3, rho: 0.5, clipNorm: 1e4 };
        const whole = make();
        const reference = optimizerOf(variant, settings);
        train(reference, whole, 8);

        const first = make();
        const interrupted = optimizerOf(variant, settings);
        train(interrupted, first, 4);
        const saved = await interrupted.getWeights();
        const other = optimizerOf(variant, { ...settings, seed: 0 });
        await other.setWeights(saved);
        interrupted.dispose(); // What was saved is copied.
        const second = reborn(first);
        train(other, second, 4, [4, 2, 8, 0, 6, 1, 7, 3, 5]);
        expect(valuesOf(second)).toEqual(valuesOf(whole));
        expect(other.lastStep.loss).toBe(reference.lastStep.loss);
        other.dispose();
        reference.dispose();
      });
    }
  }

  it('with every name suffixed, as beside another model', async () => {
    const settings = { base: bases[1] };
    const [whole, first] = [make(), make()];
    train(optimizerOf(toyAverage, settings), whole, 6);
    const interrupted = optimizerOf(toyAverage, settings);
    train(interrupted, first, 3);
    const other = optimizerOf(toyAverage, settings);
    await other.setWeights(await interrupted.getWeights());
    const second = reborn(first, (name) => `${name}_1`);
    train(other, second, 3, [8, 7, 6, 5, 4, 3, 2, 1, 0]);
    expect(valuesOf(second)).toEqual(valuesOf(whole));
  });

  it('by exact name first, where names without suffix would not tell two variables apart', async () => {
    const pair = (prefix: string): tf.Variable[] => [
      tf.variable(tf.tensor1d([1, 2]), true, `${prefix}/k`),
      tf.variable(tf.tensor1d([-3, 4]), true, `${prefix}/k_1`),
    ];
    const [whole, first] = [pair('one'), pair('two')];
    train(optimizerOf(toyAverage), whole, 6);
    const interrupted = optimizerOf(toyAverage);
    train(interrupted, first, 3);
    const other = optimizerOf(toyAverage);
    await other.setWeights(await interrupted.getWeights());
    const second = reborn(first);
    train(other, second, 3, [1, 0]);
    expect(valuesOf(second)).toEqual(valuesOf(whole));
  });

  it('by position, where names tell nothing and shapes fit', async () => {
    const [whole, first] = [make(), make()];
    train(optimizerOf(toyAverage), whole, 6);
    const interrupted = optimizerOf(toyAverage);
    train(interrupted, first, 3);
    const other = optimizerOf(toyAverage);
    await other.setWeights(await interrupted.getWeights());
    const second = reborn(first, (name) => `another/${name}x`);
    train(other, second, 3);
    expect(valuesOf(second)).toEqual(valuesOf(whole));
  });

  it('also from before the first step, and through a second save before it', async () => {
    const settings = { base: bases[2], rho: 0.3 };
    const saved = await optimizerOf(toySam, settings).getWeights();
    const between = optimizerOf(toySam, { ...settings, rho: 0.1 });
    await between.setWeights(saved);
    expect(between.radius).toBe(0.3);
    between.learningRate = 0.05;
    const other = optimizerOf(toySam, settings);
    await other.setWeights(await between.getWeights());
    expect(other.learningRate).toBe(0.05);
    const [whole, resumed] = [make(), make()];
    const reference = optimizerOf(toySam, { ...settings, base: { ...bases[2], learningRate: 0.05 } });
    train(reference, whole, 3);
    train(other, resumed, 3);
    expect(valuesOf(resumed)).toEqual(valuesOf(whole));
  });
});

describe('what is loaded', () => {
  it('brings learning rate, radius and step count with it, read before the first step too', async () => {
    const variables = make();
    const first = optimizerOf(remembering, { base: bases[2] });
    train(first, variables, 2);
    first.learningRate = 0.025;
    const other = optimizerOf(remembering, { base: bases[2] });
    await other.setWeights(await first.getWeights());
    expect(other.learningRate).toBe(0.025);
    expect(other.radius).toBe(first.radius);
    other.radius = 5;
    expect(other.radius).toBe(5);
    train(other, variables, 1);
    expect(other.radius).toBeCloseTo(5 * 1.01, 5);
  });

  it('replaces what an optimizer already had', async () => {
    const [a, b] = [make(), make()];
    const [first, second] = [
      optimizerOf(remembering, { base: bases[1] }),
      optimizerOf(remembering, { base: bases[1] }),
    ];
    train(first, a, 2);
    train(second, b, 5);
    await second.setWeights(await first.getWeights());
    expect(second.radius).toBe(first.radius);
    b.forEach((variable, i) => variable.assign(a[i] as tf.Tensor));
    train(first, a, 2);
    train(second, b, 2);
    expect(valuesOf(b)).toEqual(valuesOf(a));
  });

  it('is refused by name where the variables do not fit, with weights untouched, and fits the right ones after', async () => {
    const variables = make();
    const first = optimizerOf(toyAverage, { base: bases[2] });
    train(first, variables, 2);
    const other = optimizerOf(toyAverage, { base: bases[2] });
    await other.setWeights(await first.getWeights());
    for (const wrong of [make(start.map(() => [1, 2, 3])), make([[1, 2]])]) {
      const before = valuesOf(wrong);
      const error = thrownBy(() => train(other, wrong, 1));
      expect(error.code).toBe('STATE_MISMATCH');
      expect(error.message).toContain('by name or shape');
      expect(valuesOf(wrong)).toEqual(before);
    }
    const copy = make(valuesOf(variables));
    train(first, variables, 1);
    train(other, copy, 1);
    expect(valuesOf(copy)).toEqual(valuesOf(variables));
  });

  it('is refused at once where another optimizer saved it, or none of ours', async () => {
    const first = optimizerOf(toyAverage);
    train(first, make(), 1);
    const saved = await first.getWeights();
    const other = optimizerOf(toySam);
    expect((await rejectionOf(other.setWeights(saved))).code).toBe('STATE_MISMATCH');
    expect((await rejectionOf(other.setWeights([]))).code).toBe('STATE_INVALID');
    const torn = saved.filter(({ name }) => !name.startsWith('state/average'));
    const third = optimizerOf(toyAverage);
    expect((await rejectionOf(third.setWeights(torn))).code).toBe('STATE_INVALID');
  });

  it('leaves no tensor behind', async () => {
    const variables = make();
    const before = tf.memory().numTensors;
    for (const base of bases) {
      tf.tidy(() => variables.forEach((variable, i) => variable.assign(tf.tensor(start[i] as number[]))));
      const first = optimizerOf(remembering, { base });
      await first.getWeights();
      train(first, variables, 2);
      const saved = await first.getWeights();
      const second = optimizerOf(remembering, { base });
      await second.setWeights(saved);
      await second.setWeights(saved);
      train(second, variables, 1);
      await second.setWeights(saved); // Over slots of its own.
      train(second, variables, 1);
      const third = optimizerOf(remembering, { base });
      const fresh = optimizerOf(remembering, { base });
      await third.setWeights(await fresh.getWeights());
      for (const optimizer of [first, second, third, fresh]) optimizer.dispose();
      expect([base.use, tf.memory().numTensors]).toEqual([base.use, before]);
    }
  });

  it('cannot be state that is not a tree of tensors, arrays, records and integers', () => {
    const odd: SharpnessVariant<unknown> = {
      id: 'odd',
      radius: 'none',
      initialState: () => ({ list: [0.5] }),
      estimate: (step) => ({ ...step.evaluate(), state: step.state }),
    };
    const optimizer = optimizerOf(odd);
    const error = thrownBy(() => train(optimizer, make(), 1));
    expect(error.code).toBe('STATE_INVALID');
    expect(error.message).toMatch(/^plugin "odd" \(variant\) making its first state.*0.5 at state\/list\/0/);
  });
});
