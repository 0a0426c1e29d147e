import { afterEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { createContainer } from '../compose/container.js';
import type { SharpnessAwareOptimizer } from '../optimizer/optimizer.js';
import { owner, plainOutcome, pluginOf, quadratic, thrownBy, toySamPlugin } from '../toys.fixture.js';
import type { SharpnessVariant } from '../variant/variant.js';

const own = owner(afterEach);
let count = 0;
const weight = (value: number): tf.Variable =>
  own(tf.tidy(() => tf.variable(tf.tensor1d([value]), true, `w${count++}`)));

/** Adds -1 to the weights beside the base, as decoupled WSAM adds to its step. */
const adding: SharpnessVariant<unknown> = {
  id: 'adding',
  radius: 'none',
  initialState: () => ({}),
  estimate: (step) => plainOutcome(step, { update: step.weights.map((w) => tf.onesLike(w).neg()) }),
};
const container = createContainer({ plugins: [toySamPlugin, pluginOf(adding)] });
const sgd = { use: 'sgd' as string, learningRate: 0.5 }; // On 1/2 w^2 it halves the weight.
const make = (spec: object, context = {}): SharpnessAwareOptimizer =>
  own(container.createOptimizer(spec as never, context));

/** The weight after each step, and the one to evaluate with; NaN where that is the same. */
function pathOf(optimizer: SharpnessAwareOptimizer, steps: number, w = weight(16)): number[][] {
  return Array.from({ length: steps }, () => {
    optimizer.minimize(quadratic(w), false, [w]);
    const average = optimizer.evaluationWeights()?.[w.name];
    const values = [w.dataSync()[0] as number, average?.dataSync()[0] ?? NaN];
    average?.dispose();
    return values;
  });
}

describe('average', () => {
  it('ema: from the weights before the first step', () => {
    const path = pathOf(make({ ...sgd, average: { use: 'ema', decay: 0.75 } }), 3);
    expect(path).toEqual([
      [8, 14],
      [4, 11.5],
      [2, 9.125],
    ]);
  });

  it('swa: the mean of those that count, and none before', () => {
    const path = pathOf(make({ ...sgd, average: { use: 'swa', start: 1, every: 2 } }), 6);
    expect(path.map(([w]) => w)).toEqual([8, 4, 2, 1, 0.5, 0.25]);
    // 4, 1, 0.25 after steps 1, 3, 5.
    expect(path.map(([, average]) => average)).toEqual([NaN, 4, 4, 2.5, 2.5, expect.closeTo(1.75, 6)]);
  });

  it('swa: starts after three quarters of the run, whose length it has to know', () => {
    const spec = { ...sgd, average: { use: 'swa' } };
    const path = pathOf(make(spec, { totalSteps: 4 }), 4);
    expect(path.map(([, average]) => average)).toEqual([NaN, NaN, NaN, 1]);
    expect(thrownBy(() => make(spec))).toMatchObject({
      code: 'TOTAL_STEPS_MISSING',
      message: expect.stringMatching(/^average\.start is 0\.75, a share of the run/),
    });
  });

  it('is of the weights after all of the step, and changes none of them', () => {
    const plain = pathOf(make({ use: 'adding', base: sgd }), 3);
    const averaged = pathOf(make({ use: 'adding', base: sgd, average: { use: 'swa', start: 0 } }), 3);
    expect(averaged.map(([w]) => w)).toEqual(plain.map(([w]) => w));
    expect(averaged[0]).toEqual([7, 7]); // 16 - 8 - 1.
    expect(averaged[1]).toEqual([2.5, 4.75]);
  });

  it('counts steps by gradients that are applied alone', () => {
    const w = weight(16);
    const optimizer = make({ ...sgd, average: { use: 'swa', start: 1 } });
    const grads = { [w.name]: own(tf.tensor1d([2])) };
    for (let step = 0; step < 3; step++) optimizer.applyGradients(grads);
    expect(own(optimizer.evaluationWeights()?.[w.name] as tf.Tensor).dataSync()[0]).toBe((14 + 13) / 2);
  });
});

describe('lookahead', () => {
  it('puts the weights back between start and end of each round', () => {
    const path = pathOf(make({ ...sgd, lookahead: { steps: 2, alpha: 0.25 } }), 4);
    // 16, 8, 4: back to 16 + 0.25 (4 - 16) = 13. Then 6.5, 3.25: back to 13 - 0.25 * 9.75.
    expect(path.map(([w]) => w)).toEqual([8, 13, 6.5, 10.5625]);
  });

  it('with alpha 1 is the base, to the bit', () => {
    const base = { use: 'adam', learningRate: 0.3 };
    const plain = pathOf(make({ use: 'toy-sam', base }), 7);
    expect(pathOf(make({ use: 'toy-sam', base, lookahead: { steps: 3, alpha: 1 } }), 7)).toEqual(plain);
  });

  it('is averaged after it has put the weights back', () => {
    const around = { lookahead: { steps: 2, alpha: 0.25 }, average: { use: 'swa', start: 0 } };
    expect(pathOf(make({ ...sgd, ...around }), 2)).toEqual([
      [8, 8],
      [13, 10.5],
    ]);
  });
});

describe('what stands around a base', () => {
  const around = { lookahead: { steps: 3 }, average: { use: 'ema', decay: 0.5 } };

  it('goes on where it was saved', async () => {
    const spec = { use: 'toy-sam', ...around, base: { use: 'adam', learningRate: 0.3 } };
    const [one, two] = [weight(3), weight(3)];
    const whole = pathOf(make(spec), 7, one);
    const first = make(spec);
    const start = pathOf(first, 4, two);
    const second = make(spec);
    await second.setWeights(await first.getWeights());
    expect([...start, ...pathOf(second, 3, two)]).toEqual(whole);
  });

  it('is refused a checkpoint that lacks it', async () => {
    const base = { use: 'adam', learningRate: 0.3 };
    const w = weight(3);
    const first = make(base);
    pathOf(first, 2, w);
    const second = make({ ...base, average: { use: 'ema' } });
    await second.setWeights(await first.getWeights());
    expect(thrownBy(() => second.minimize(quadratic(w), false, [w]))).toMatchObject({
      code: 'STATE_MISMATCH',
      message: 'the saved optimizer has no average. Create the optimizer from the spec that it was saved with.',
    });
  });

  it('keeps the number of tensors, and leaves none behind', () => {
    const w = weight(3);
    const before = tf.memory().numTensors;
    const optimizer = container.createOptimizer({ use: 'toy-sam', ...around, base: sgd } as never);
    pathOf(optimizer, 2, w);
    const { numTensors } = tf.memory();
    pathOf(optimizer, 20, w);
    expect(tf.memory().numTensors).toBe(numTensors);
    optimizer.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('is saved with the spec as it was given', () => {
    const spec = { use: 'toy-sam', ...around, base: sgd };
    expect(make(spec).setup.spec).toEqual(spec);
  });

  class Own extends tf.SGDOptimizer {}
  Object.defineProperty(Own, 'className', { value: 'Own' });

  it('scales the steps of a base of somebody else, which saves by itself', () => {
    const foreign = own(new Own(0.5) as tf.Optimizer);
    const optimizer = make({ use: 'toy-sam', rho: 0, base: foreign, groups: [{ learningRate: 0.5 }] });
    expect(pathOf(optimizer, 2).map(([w]) => w)).toEqual([12, 9]);
  });

  it('is refused around a base that moves or averages its weights itself, or saves by itself', () => {
    const foreign = own(new Own(0.1) as tf.Optimizer);
    expect(thrownBy(() => make({ use: 'toy-sam', base: foreign, average: { use: 'ema' } }))).toMatchObject({
      code: 'BASE_UNSUITABLE',
      message:
        'average was given around Own, which saves what it remembers in its own way. Leave it out, or use another base, such as ' +
        'momentum or adamw.',
    });
  });

  it.each([
    [{ average: { use: 'ema', decay: 1 } }, 'average.decay'],
    [{ average: { use: 'swa', start: 1.5 } }, 'average.start'],
    [{ average: 'ema' }, 'average'],
    [{ lookahead: { alpha: 2 } }, 'lookahead.alpha'],
  ])('refuses %j', (options, path) => {
    expect(thrownBy(() => make({ ...sgd, ...options })).problems.map((problem) => problem.path)).toEqual([path]);
  });
});
