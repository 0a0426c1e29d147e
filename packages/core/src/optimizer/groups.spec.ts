import { afterEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { createContainer } from '../compose/container.js';
import { optimizerOf, owner, quadratic, thrownBy, toySam, toySamPlugin, valuesOf } from '../toys.fixture.js';
import { normalize, scale } from '../tensors/weightVector.js';
import type { SharpnessVariant } from '../variant/variant.js';
import type { SharpnessAwareOptimizer } from './optimizer.js';

const own = owner(afterEach);
let count = 0;

/** A kernel of one weight, and a bias: the loss is 1/2 w^2 + b^2, so the gradient is (w, 2 b). */
function pair(w = 3, b = 2): [tf.Variable, tf.Variable] {
  const name = `g${count++}`;
  return [
    own(tf.tidy(() => tf.variable(tf.tensor2d([[w]]), true, `${name}/kernel`))),
    own(tf.tidy(() => tf.variable(tf.tensor1d([b]), true, `${name}/bias`))),
  ];
}

const after = (optimizer: SharpnessAwareOptimizer, [w, b] = pair()): number[] => {
  own(optimizer).minimize(quadratic(w, b), false, [w, b]);
  return valuesOf([w, b]).map(([value]) => value as number);
};
const sgd = { use: 'sgd', learningRate: 0.1 };
const container = createContainer({ plugins: [toySamPlugin] });
const close = (...values: number[]): number[] => values.map((value) => expect.closeTo(value, 6) as unknown as number);

describe('groups', () => {
  it('move some parameters by another learning rate', () => {
    const groups = [{ match: { role: 'bias' }, learningRate: 0.5 }, {}];
    expect(after(container.createOptimizer({ ...sgd, groups }))).toEqual(close(3 - 0.3, 2 - 0.2));
    const momentum = { use: 'momentum', learningRate: 0.1, momentum: 0.9 };
    const variables = pair();
    const optimizer = container.createOptimizer({ ...momentum, groups });
    after(optimizer, variables);
    // Second step: velocity 0.9 * 4 + 2 * 1.8 = 7.2 of the bias, half of 0.72.
    expect(after(optimizer, variables)).toEqual(close(2.7 - 0.1 * (0.9 * 3 + 2.7), 1.8 - 0.36));
  });

  it('perturb some parameters by another radius: the norm stays that of all', () => {
    // g = (3, 4), rho 0.5: offset (0.3, 0.4), of which the bias gets none, and the kernel twice.
    const groups = [{ match: { role: 'bias' }, rho: 0 }, { rho: 2 }];
    expect(after(optimizerOf(toySam, { rho: 0.5, groups }))).toEqual(close(3 - 0.1 * 3.6, 2 - 0.1 * 4));
  });

  it('measure the perturbation, even if the variant has freed its offset', () => {
    const freeing: SharpnessVariant<unknown> = {
      ...toySam,
      estimate: ({ evaluate, radius: rho, state }) => {
        const { loss, gradient: clean } = evaluate();
        const offset = tf.tidy(() => scale(normalize(clean), rho) as tf.Tensor[]);
        const { gradient } = evaluate({ offset });
        tf.dispose(offset);
        return { loss, gradient, state, metrics: { perturbationNorm: rho } };
      },
    };
    const optimizer = optimizerOf(freeing, { rho: 0.5, groups: [{ match: { role: 'bias' }, rho: 2 }, {}] });
    after(optimizer);
    // The offset (0.3, 0.4), of which the bias gets twice.
    expect(optimizer.lastStep.perturbationNorm).toBeCloseTo(Math.hypot(0.3, 0.8), 6);
  });

  it('freeze some parameters, also where no list was passed', () => {
    const groups = [{ match: { role: 'bias' }, frozen: true }, {}];
    const variables = pair();
    const optimizer = own(optimizerOf(toySam, { rho: 0.5, groups }));
    for (let step = 0; step < 3; step++) optimizer.minimize(quadratic(...variables));
    expect(valuesOf(variables)[1]).toEqual([2]);
    // Alone, the kernel has the whole offset: 3 - 0.1 (3 + 0.5), then 2.65 - 0.1 * 3.15, then 2.335 - 0.2835.
    expect(valuesOf(variables)[0]).toEqual(close(2.0515));
  });

  it('multiply the decay of the base, where it has one', () => {
    expect(thrownBy(() => container.createOptimizer({ ...sgd, groups: [{ decay: 0 }] }))).toMatchObject({
      code: 'BASE_UNSUITABLE',
      message:
        'groups has a decay, and the base sgd has no weight decay. Leave decay out, or use a base such as adamw or sgdw.',
    });
  });

  it('name the parameter that is in no group, before anything changes', () => {
    const variables = pair();
    const optimizer = own(container.createOptimizer({ ...sgd, groups: [{ match: { role: 'kernel' } }] }));
    expect(thrownBy(() => optimizer.minimize(quadratic(...variables)))).toMatchObject({
      code: 'VARIABLES_INVALID',
      message: expect.stringMatching(/no group takes the parameter "g\d+\/bias"/),
    });
    expect(valuesOf(variables)).toEqual([[3], [2]]);
  });

  it('stand once, at any level, and are saved with the spec', () => {
    const groups = [{ match: { role: 'bias' }, rho: 0 }, {}];
    const optimizer = own(container.createOptimizer({ use: 'toy-sam', groups, base: sgd }));
    expect(optimizer.setup.spec).toEqual({ use: 'toy-sam', groups, base: sgd });
    const twice = { use: 'toy-sam', groups, base: { ...sgd, groups } };
    expect(thrownBy(() => container.createOptimizer(twice)).message).toMatch(/groups/);
  });

  it('go on where they were saved', async () => {
    const groups = [{ match: { role: 'bias' }, learningRate: 0.5, rho: 2 }, {}];
    const make = (): SharpnessAwareOptimizer =>
      own(container.createOptimizer({ use: 'toy-sam', rho: 0.5, groups, base: { ...sgd, use: 'adam' as string } }));
    const [whole, halved] = [pair(), pair()];
    const one = make();
    for (let step = 0; step < 4; step++) one.minimize(quadratic(...whole), false, whole);
    const first = make();
    for (let step = 0; step < 2; step++) first.minimize(quadratic(...halved), false, halved);
    const second = make();
    await second.setWeights(await first.getWeights());
    for (let step = 0; step < 2; step++) second.minimize(quadratic(...halved), false, halved);
    expect(valuesOf(halved)).toEqual(valuesOf(whole));
  });

  it('keep the number of tensors', () => {
    const groups = [{ match: { role: 'bias' }, learningRate: 0.5, rho: 2 }, {}];
    const variables = pair();
    const optimizer = own(optimizerOf(toySam, { rho: 0.5, groups, centralize: true }));
    optimizer.minimize(quadratic(...variables));
    const { numTensors } = tf.memory();
    for (let step = 0; step < 20; step++) optimizer.minimize(quadratic(...variables));
    expect(tf.memory().numTensors).toBe(numTensors);
  });
});
