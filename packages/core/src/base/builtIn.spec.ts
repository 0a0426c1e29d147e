import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { optimizerOf, quadratic, thrownBy, toySam, valuesOf, variableOf } from '../toys.fixture.js';
import { BuiltInBase, isBuiltIn } from './builtIn.js';

type Make = (learningRate: number) => tf.Optimizer;
const makers: Readonly<Record<string, Make>> = {
  sgd: (rate) => tf.train.sgd(rate),
  momentum: (rate) => tf.train.momentum(rate, 0.9),
  adam: (rate) => tf.train.adam(rate),
  adamax: (rate) => tf.train.adamax(rate),
  adagrad: (rate) => tf.train.adagrad(rate),
  adadelta: (rate) => tf.train.adadelta(rate),
  rmsprop: (rate) => tf.train.rmsprop(rate, 0.9),
};
const options = (use: string, learningRate: number) => ({
  use,
  learningRate,
  ...(use === 'momentum' ? { momentum: 0.9 } : {}),
});

it('rmsprop, centered, divides by the standard deviation, also where a gradient is zero', () => {
  const base = { use: 'rmsprop', learningRate: 0.3, decay: 0.9, centered: true };
  const w = variableOf([1, 0]);
  const optimizer = optimizerOf(toySam, { rho: 0, base });
  // Gradient (1, 0): mean square 0.1, mean 0.1, so the root of 0.1 - 0.01 is 0.3. TF.js's own gives NaN for the zero.
  optimizer.minimize(quadratic(w), false, [w]);
  expect(valuesOf([w])[0]?.[0]).toBeCloseTo(0, 5);
  expect(valuesOf([w])[0]?.[1]).toBe(0);
});

describe.each(Object.keys(makers))('%s as a base', (use) => {
  const make = makers[use] as Make;

  it("steps as TF.js's own does, by its name and as an object", () => {
    const [own, named, given] = [variableOf([1, -2]), variableOf([1, -2]), variableOf([1, -2])];
    const reference = make(0.1);
    const byName = optimizerOf(toySam, { rho: 0, base: options(use, 0.1) });
    const byObject = optimizerOf(toySam, { rho: 0, base: make(0.1) });
    for (let i = 0; i < 4; i++) {
      reference.minimize(quadratic(own), false, [own]);
      byName.minimize(quadratic(named), false, [named]);
      byObject.minimize(quadratic(given), false, [given]);
    }
    expect(valuesOf([named, given])).toEqual([valuesOf([own])[0], valuesOf([own])[0]]);
  });

  it('has one learning rate: set on the optimizer, or on the base itself, it is that of the next step', () => {
    const base = make(0.5);
    const [w, own] = [variableOf([1, -2]), variableOf([1, -2])];
    const optimizer = optimizerOf(toySam, { rho: 0, base });
    const reference = make(0.1);
    optimizer.learningRate = 0.1;
    expect(optimizer.learningRate).toBe(0.1);
    if (use === 'sgd') base.applyGradients({ [w.name]: tf.tensor1d([0, 10]) }); // The base itself steps by it at once.
    if (use === 'sgd') expect(valuesOf([w])).toEqual([[1, -3]]);
    w.assign(tf.tensor1d([1, -2]));
    optimizer.minimize(quadratic(w), false, [w]);
    reference.minimize(quadratic(own), false, [own]);
    expect(valuesOf([w])).toEqual(valuesOf([own]));
    (base as unknown as { learningRate: number }).learningRate = 0;
    expect(optimizer.learningRate).toBe(0);
    const before = valuesOf([w]);
    optimizer.minimize(quadratic(w), false, [w]);
    expect(valuesOf([w])).toEqual(before);
    for (const value of [NaN, -1, Infinity]) {
      expect(thrownBy(() => (optimizer.learningRate = value)).code).toBe('SPEC_INVALID');
    }
  });

  it('gives all its tensors back, twice disposed, created inside a tidy or not; its own object it leaves', () => {
    const w = variableOf([1, 2]);
    const before = tf.memory().numTensors;
    for (const wrap of [(work: () => void) => work(), (work: () => void) => tf.tidy(work)]) {
      wrap(() => {
        const optimizer = optimizerOf(toySam, { base: options(use, 0.1) });
        for (let i = 0; i < 2; i++) optimizer.minimize(quadratic(w), false, [w]);
        optimizer.dispose();
        optimizer.dispose();
      });
      expect(tf.memory().numTensors).toBe(before);
    }
    const base = make(0.1);
    const optimizer = optimizerOf(toySam, { base });
    optimizer.minimize(quadratic(w), false, [w]);
    optimizer.dispose();
    base.minimize(quadratic(w), false, [w]); // Still alive.
    expect(valuesOf([w])[0]?.every(Number.isFinite)).toBe(true);
  });

  it('has gradients that are absent leave variable and slots alone', () => {
    const [a, b] = [variableOf([1, 2]), variableOf([3, 4])];
    const base = new BuiltInBase(make(0.1), true);
    base.apply([a, b], [tf.tensor1d([1, 1]), tf.tensor1d([1, 1])]);
    const owned = (): number[][] => valuesOf(Object.values(slotsOf(base)).flatMap((slot) => slot[1] as tf.Tensor));
    const [values, slots] = [valuesOf([b]), owned()];
    base.apply([a, b], [tf.tensor1d([1, 1]), undefined]);
    expect(valuesOf([b])).toEqual(values);
    expect(owned()).toEqual(slots);
  });
});

const slotsOf = (base: BuiltInBase): Record<string, readonly tf.Tensor[]> => {
  const names = ['momentum', 'm', 'v', 'u', 'accumulator', 'gradients', 'updates', 'meanSquare', 'meanGradient'];
  return Object.fromEntries(names.flatMap((name) => (base.slot(name) ? [[name, base.slot(name) ?? []]] : [])));
};

describe('the adapter', () => {
  it('gives slots by name once there are any, by hand', () => {
    const w = variableOf([1, 2]);
    const momentum = new BuiltInBase(tf.train.momentum(0.1, 0.5), true);
    expect(momentum.slot('momentum')).toBeUndefined();
    momentum.apply([w], [tf.tensor1d([1, 1])]);
    momentum.apply([w], [tf.tensor1d([2, 4])]);
    expect(valuesOf(momentum.slot('momentum') ?? [])).toEqual([[2.5, 4.5]]); // 0.5 * 1 + 2, 0.5 * 1 + 4
    expect(momentum.slot('m')).toBeUndefined();
    const adam = new BuiltInBase(tf.train.adam(0.1, 0.9, 0.99), true);
    adam.apply([w], [tf.tensor1d([1, 2])]);
    expect(valuesOf(adam.slot('m') ?? [])[0]?.[1]).toBeCloseTo(0.2, 6);
    expect(valuesOf(adam.slot('v') ?? [])[0]?.[1]).toBeCloseTo(0.04, 6);
  });

  it('gives options by name', () => {
    const base = new BuiltInBase(tf.train.momentum(0.1, 0.5), true);
    expect(base.option('momentum')).toBe(0.5);
    expect(base.option('useNesterov')).toBeUndefined(); // No number.
    expect(base.option('nothing')).toBeUndefined();
    expect(base.id).toBe('momentum');
  });

  it('mends a momentum optimizer whose constant died with the tidy it was created in', () => {
    const w = variableOf([1]);
    const base = tf.tidy(() => tf.train.momentum(0.1, 0.5) as unknown as tf.TensorContainer) as unknown as tf.Optimizer;
    const optimizer = optimizerOf(toySam, { rho: 0, base });
    optimizer.minimize(quadratic(w), false, [w]); // Momentum 1, weight 0.9.
    optimizer.minimize(quadratic(w), false, [w]); // Momentum 0.5 + 0.9.
    expect(valuesOf([w])[0]?.[0]).toBeCloseTo(0.9 - 0.14, 6);
  });

  it('takes a subclass with a memory of its own for a foreign base', () => {
    class Remembering extends tf.SGDOptimizer {}
    expect(isBuiltIn(tf.train.sgd(0.1))).toBe(true);
    expect(isBuiltIn(new Remembering(0.1))).toBe(false);
  });
});

describe('the preconditioner of a base without momentum', () => {
  const bases: Readonly<Record<string, () => tf.Optimizer>> = {
    adam: () => tf.train.adam(0.1, 0, 0.9, 1e-3),
    adamax: () => tf.train.adamax(0.1, 0, 0.9, 1e-3),
    adagrad: () => tf.train.adagrad(0.1),
    rmsprop: () => tf.train.rmsprop(0.1, 0.9, 0, 1e-3),
    // TF.js takes epsilon away where it centers.
    'rmsprop, centered': () => tf.train.rmsprop(0.1, 0.9, 0, -1e-3, true),
  };

  it.each(Object.keys(bases))('of %s is how far a step moved each weight, over rate and gradient', (use) => {
    const base = new BuiltInBase((bases[use] as () => tf.Optimizer)(), true);
    const w = variableOf([1, -2]);
    expect(base.preconditioner()).toBeUndefined();
    for (const gradient of [
      [0.5, -2],
      [0.25, 1],
      [-1, 3],
    ]) {
      const before = valuesOf([w])[0] as number[];
      base.apply([w], [tf.tensor1d(gradient)]);
      const P = valuesOf(base.preconditioner() ?? [])[0] as number[];
      valuesOf([w])[0]?.forEach((value, i) =>
        expect((before[i] as number) - value).toBeCloseTo(0.1 * (P[i] as number) * (gradient[i] as number), 5),
      );
    }
    base.dispose();
  });

  it.each(['sgd', 'momentum', 'adadelta'])('of %s is not there: 1, or unknown', (use) => {
    const base = new BuiltInBase((makers[use] as Make)(0.1), true);
    base.apply([variableOf([1])], [tf.tensor1d([1])]);
    expect(base.preconditioner()).toBeUndefined();
    base.dispose();
  });
});
