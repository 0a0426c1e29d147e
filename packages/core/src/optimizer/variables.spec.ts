import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import {
  optimizerOf,
  plainOutcome,
  quadratic,
  thrownBy,
  toyAverage,
  toySam,
  valuesOf,
  variableOf,
  variablesOf,
  variantOf,
} from '../toys.fixture.js';
import type { SharpnessVariant } from '../variant/variant.js';

const momentum = { base: { use: 'momentum', learningRate: 0.1, momentum: 0.5 } };

describe('the variables of a step', () => {
  it('are those that the loss depends on, where no list is passed', () => {
    const other = variableOf(5);
    const adam = tf.train.adam(0.1); // Registers two trainable scalars.
    const before = Object.values(tf.engine().registeredVariables);
    const valuesBefore = valuesOf(before);
    const w = variableOf([3, 4]);
    const optimizer = optimizerOf(toySam, { base: { use: 'adam', learningRate: 0.1 } });
    for (let i = 0; i < 3; i++) optimizer.minimize(quadratic(w));
    expect(valuesOf(before)).toEqual(valuesBefore);
    expect(valuesOf([w, other])).not.toEqual([[3, 4], [5]]);
    expect(valuesOf([other])).toEqual([[5]]);
    adam.dispose();
    optimizer.dispose();
  });

  it('are found again when the loss begins to depend on more', () => {
    const [a, b] = variablesOf(1, 1) as [tf.Variable, tf.Variable];
    let calls = 0;
    const optimizer = optimizerOf(toySam);
    optimizer.minimize(quadratic(a));
    optimizer.minimize(() => (calls++, quadratic(a)()));
    expect(calls).toBe(2); // Known: no pass more than the variant's.
    expect(valuesOf([b])).toEqual([[1]]);
    optimizer.minimize(quadratic(b));
    expect(valuesOf([b])[0]?.[0]).toBeCloseTo(1 - 0.1 * 1.05, 6);
  });

  it('case 9: stay where they are in a step whose loss does not depend on them, weights and slots, where no list is passed', () => {
    const seen: (number[][] | undefined)[] = [];
    const variant = variantOf((step) => {
      const slots = step.base.slot('momentum');
      seen.push(slots && valuesOf(slots));
      return toySam.estimate(step);
    });
    const [a, b] = variablesOf(2, 2) as [tf.Variable, tf.Variable];
    const optimizer = optimizerOf(variant, { rho: 0, ...momentum });
    optimizer.minimize(quadratic(a, b)); // Gradients 2 and 4: a 2 - 0.2, b 2 - 0.4.
    for (let i = 0; i < 2; i++) optimizer.minimize(quadratic(b));
    expect(valuesOf([a])[0]?.[0]).toBeCloseTo(1.8, 6);
    // b: momentum 0.5 4 + 1.6, then 0.5 3.6 + 1.24.
    expect(valuesOf([b])[0]?.[0]).toBeCloseTo(1.6 - 0.36 - 0.304, 6);
    optimizer.minimize(quadratic(a, b));
    expect(seen.slice(1).map((slots) => slots?.[0]?.[0])).toEqual([2, 2, 2]);
    expect(valuesOf([a])[0]?.[0]).toBeCloseTo(1.8 - 0.1 * (0.5 * 2 + 1.8), 6);
  });

  it('case 9: nor do updates, averages of gradients, or a list of gradients move those', () => {
    const [a, b] = variablesOf(1, 10) as [tf.Variable, tf.Variable];
    const updating = optimizerOf(
      variantOf((step) => plainOutcome(step, { update: [tf.scalar(1), tf.scalar(1)] })),
      { base: { use: 'sgd', learningRate: 0 } },
    );
    for (const loss of [quadratic(a, b), quadratic(b)]) updating.minimize(loss);
    expect(valuesOf([a, b])).toEqual([[2], [12]]);
    // Its average of a goes on: 2, then 1. It is neither taken nor counted in the norm: b's gradient 12 has the length
    // 1.
    const [c, d] = variablesOf(2, 12) as [tf.Variable, tf.Variable];
    const averaging = optimizerOf(toyAverage, { base: { use: 'sgd', learningRate: 1 }, clipNorm: 1 });
    averaging.minimize(quadratic(c, d), false);
    const [before] = valuesOf([c]);
    const { grads, value } = averaging.computeGradients(quadratic(d));
    expect(Object.keys(grads)).toEqual([d.name]);
    expect(grads[d.name]?.dataSync()[0]).toBeCloseTo(1, 5);
    averaging.applyGradients(grads);
    expect(valuesOf([c])[0]).toEqual(before);
    tf.dispose([grads, value]);
  });

  it('case 9: of parts of a batch, are those that any part depends on', () => {
    const [a, b, c] = variablesOf(1, 1, 1) as [tf.Variable, tf.Variable, tf.Variable];
    const lossOf = (...variables: tf.Variable[]) =>
      Object.assign(quadratic(...variables), {
        size: 2,
        split: () => variables.map((v) => Object.assign(quadratic(v), { size: 1 })),
      });
    const run = (settings: object): number[][] => {
      for (const v of [a, b, c]) v.assign(tf.scalar(1));
      const optimizer = optimizerOf(toySam, { rho: 0, ...settings, ...momentum });
      optimizer.minimize(lossOf(a, b, c));
      const [, , before] = valuesOf([a, b, c]);
      optimizer.minimize(lossOf(a, b));
      expect(valuesOf([c])[0]).toEqual(before);
      return valuesOf([a, b]);
    };
    for (const settings of [{ microBatches: 2 }, { accumulate: 2 }]) {
      // A third each: 1 - 0.1 / 3 = 29 / 30, momentum 1 / 3. Then half each: momentum 1 / 6 + 29 / 60.
      for (const [value] of run(settings)) expect(value).toBeCloseTo(29 / 30 - 0.1 * (1 / 6 + 29 / 60), 6);
    }
  });

  it('case 9: of a list, are trained as listed: their momentum goes on', () => {
    const [a, b] = variablesOf(2, 2) as [tf.Variable, tf.Variable];
    const optimizer = optimizerOf(toySam, { rho: 0, ...momentum });
    optimizer.minimize(quadratic(a, b), false, [a, b]);
    optimizer.minimize(quadratic(b), false, [a, b]);
    expect(valuesOf([a])[0]?.[0]).toBeCloseTo(1.8 - 0.1 * (0.5 * 2), 6);
  });

  it('are never those that are not trainable now', () => {
    const [a, b] = variablesOf(1, 1) as [tf.Variable, tf.Variable];
    const optimizer = optimizerOf(toySam, momentum);
    optimizer.minimize(quadratic(a, b));
    const frozen = valuesOf([b]);
    b.trainable = false;
    optimizer.minimize(quadratic(a, b));
    optimizer.minimize(quadratic(a, b), false, [a, b]);
    expect(valuesOf([b])).toEqual(frozen);
    b.trainable = true;
    optimizer.minimize(quadratic(a, b));
    expect(valuesOf([b])).not.toEqual(frozen);
  });

  it('are summed in the order first seen, whatever order the caller passes: the same bits', () => {
    // Norms that round differently in another order: 1e8 + 1 + 1 is not 1 + 1 + 1e8 in float32.
    const start = [1e4, 1, 1, 1, 1, 1.5, 0.3, 0.7, 11.1];
    const run = (orders: readonly (readonly number[])[]): number[][] => {
      const variables = variablesOf(...start);
      const optimizer = optimizerOf(toySam, { rho: 0.5, ...momentum });
      for (const order of orders) {
        const list = order.map((i) => variables[i] as tf.Variable);
        optimizer.minimize(quadratic(...variables), false, list);
      }
      return valuesOf(variables);
    };
    const natural = start.map((_, i) => i);
    const reversed = [...natural].reverse();
    const mixed = [4, 2, 8, 0, 6, 1, 7, 3, 5];
    expect(run([natural, reversed, mixed, reversed])).toEqual(run([natural, natural, natural, natural]));
  });

  it('may be a subset: the others and their slots stay, bit for bit', () => {
    const [a, b] = variablesOf([1, 2], [3, 4]) as [tf.Variable, tf.Variable];
    const seen: (number[][] | undefined)[] = [];
    const variant = variantOf((step) => {
      const slots = step.base.slot('momentum');
      seen.push(slots && valuesOf(slots));
      return toySam.estimate(step);
    });
    const optimizer = optimizerOf(variant, momentum);
    const loss = quadratic(a, b);
    optimizer.minimize(loss, false, [a, b]);
    const [, second] = valuesOf([a, b]);
    optimizer.minimize(loss, false, [a]);
    expect(valuesOf([b])[0]).toEqual(second);
    optimizer.minimize(loss, false, [b, a]);
    expect(seen[0]).toBeUndefined();
    expect(seen[2]?.[1]).toEqual(seen[1]?.[1]);
    expect(seen[2]?.[0]).not.toEqual(seen[1]?.[0]);
  });

  it('outside the subset are not perturbed either', () => {
    const [a, b] = variablesOf(1, 10) as [tf.Variable, tf.Variable];
    const seen: number[] = [];
    const variant = variantOf((step) => {
      step.evaluate({ offset: [tf.scalar(1), tf.scalar(1)] });
      return plainOutcome(step);
    });
    const loss = () => (seen.push(valuesOf([b])[0]?.[0] as number), quadratic(a, b)());
    const optimizer = optimizerOf(variant);
    optimizer.minimize(loss, false, [a, b]);
    expect(seen.slice(0, 1)).toEqual([11]);
    seen.length = 0;
    const now = valuesOf([b])[0]?.[0];
    optimizer.minimize(loss, false, [a]);
    expect(seen).toEqual([now, now]);
  });

  it('outside the subset get no update either', () => {
    const [a, b] = variablesOf(1, 10) as [tf.Variable, tf.Variable];
    const variant = variantOf((step) => plainOutcome(step, { update: [tf.scalar(1), tf.scalar(1)] }));
    const optimizer = optimizerOf(variant, { base: { use: 'sgd', learningRate: 0 } });
    optimizer.minimize(quadratic(a, b), false, [a, b]);
    optimizer.minimize(quadratic(a, b), false, [a]);
    expect(valuesOf([a, b])).toEqual([[3], [11]]);
  });

  it('may grow where no state has something for each, with slots of zeros for the new ones', () => {
    const [a, b] = variablesOf([1, 2], 3) as [tf.Variable, tf.Variable];
    const seen: number[][][] = [];
    const radiusHolder: SharpnessVariant<{ rho: tf.Scalar }> = {
      id: 'radius-holder',
      radius: 'linear',
      initialState: () => ({ rho: tf.scalar(0.1) }),
      estimate: (step) => {
        seen.push(valuesOf(step.base.slot('momentum') ?? []));
        return { ...toySam.estimate({ ...step, radius: step.state.rho }), state: { rho: tf.add(step.state.rho, 0) } };
      },
    };
    const optimizer = optimizerOf(radiusHolder, momentum);
    optimizer.minimize(quadratic(a), false, [a]);
    optimizer.minimize(quadratic(a, b), false, [a, b]);
    optimizer.minimize(quadratic(a, b), false, [a, b]);
    expect(seen[0]).toEqual([]);
    expect(seen[1]?.[1]).toEqual([0]);
    expect(seen[2]?.[1]?.[0]).toBeGreaterThan(0);
  });

  it('may not grow where the state belongs to the old ones, and nothing changes then', () => {
    const [a, b] = variablesOf([1, 2], 3) as [tf.Variable, tf.Variable];
    const optimizer = optimizerOf(toyAverage);
    optimizer.minimize(quadratic(a), false, [a]);
    const before = valuesOf([a, b]);
    const error = thrownBy(() => optimizer.minimize(quadratic(a, b), false, [a, b]));
    expect(error.code).toBe('VARIABLES_CHANGED');
    expect(error.message).toContain('toy-average');
    expect(valuesOf([a, b])).toEqual(before);
    optimizer.minimize(quadratic(a, b), false, [a]); // The refusal left no trace.
  });

  it('are refused by name: disposed, none trainable, no variables', () => {
    const [a, b] = variablesOf(1, 2) as [tf.Variable, tf.Variable];
    const optimizer = optimizerOf(toySam);
    optimizer.minimize(quadratic(a, b), false, [a, b]);
    b.dispose();
    const gone = thrownBy(() => optimizer.minimize(quadratic(a), false, [a]));
    expect(gone.code).toBe('VARIABLES_CHANGED');
    expect(gone.message).toContain(b.name);
    const fresh = optimizerOf(toySam);
    expect(thrownBy(() => fresh.minimize(quadratic(a), false, [])).code).toBe('VARIABLES_INVALID');
    a.trainable = false;
    expect(thrownBy(() => fresh.minimize(quadratic(a), false, [a])).code).toBe('VARIABLES_INVALID');
    const noVariable = [tf.scalar(1)] as unknown as tf.Variable[];
    expect(thrownBy(() => fresh.minimize(quadratic(a), false, noVariable)).message).toContain('element 0');
  });
});

describe('what a step does with them', () => {
  it('is the plain base step where the gradient is zero', () => {
    const w = variableOf([0, 0]);
    const optimizer = optimizerOf(toySam, { rho: 0.5, base: { use: 'sgd', learningRate: 0.1 } });
    optimizer.minimize(quadratic(w), false, [w]);
    expect(valuesOf([w])).toEqual([[0, 0]]);
    expect(optimizer.lastStep.loss).toBe(0);
  });

  it('may be an update of its own, after the base or without it', () => {
    const w = variableOf([1, 2]);
    const alone = variantOf(({ evaluate, state, weights }) => ({
      loss: evaluate().loss,
      state,
      update: weights.map((v) => tf.mul(v, -0.5)),
    }));
    const optimizer = optimizerOf(alone, momentum);
    optimizer.minimize(quadratic(w), false, [w]);
    expect(valuesOf([w])).toEqual([[0.5, 1]]);
    const both = variantOf((step) => plainOutcome(step, { update: [tf.tensor1d([1, 1])] }));
    optimizerOf(both).minimize(quadratic(w), false, [w]);
    expect(valuesOf([w])[0]?.[0]).toBeCloseTo(0.5 - 0.05 + 1, 6);
  });

  it('may be nothing at all, guarded too', () => {
    const w = variableOf([1, 2]);
    const nothing = variantOf(({ evaluate, state }) => ({ loss: evaluate().loss, state }));
    optimizerOf(nothing, { guard: true }).minimize(quadratic(w), false, [w]);
    expect(valuesOf([w])).toEqual([[1, 2]]);
  });

  it('gives the variant index, roles, options of the base, and the same random numbers for the same seed', () => {
    const kernel = tf.variable(tf.tensor2d([[1]]), true, 'layer/kernel');
    const seen: unknown[] = [];
    const variant = variantOf((step) => {
      const { index, totalSteps, learningRateValue, parameters, random, base } = step;
      seen.push([index, totalSteps, learningRateValue, parameters[0]?.role, base.option('momentum'), base.option('x')]);
      seen.push(random.uniforms(1)[0]);
      expect(step.learningRate.dataSync()[0]).toBeCloseTo(0.1, 6);
      expect({ ...step }.radius.dataSync()[0]).toBeCloseTo(0.05, 6);
      return plainOutcome(step);
    });
    const optimizer = optimizerOf(variant, { ...momentum, seed: 7 }, { totalSteps: 9 });
    optimizer.minimize(quadratic(kernel), false, [kernel]);
    optimizer.minimize(quadratic(kernel), false, [kernel]);
    expect(seen[0]).toEqual([0, 9, 0.1, 'kernel', 0.5, undefined]);
    expect(seen[2]).toEqual([1, 9, 0.1, 'kernel', 0.5, undefined]);
    expect(seen[1]).not.toBe(seen[3]);
    optimizerOf(variant, { ...momentum, seed: 7 }).minimize(quadratic(kernel), false, [kernel]);
    optimizerOf(variant, { ...momentum, seed: 8 }).minimize(quadratic(kernel), false, [kernel]);
    expect(seen[5]).toBe(seen[1]);
    expect(seen[7]).not.toBe(seen[1]);
    optimizerOf(
      variantOf((step) => (expect(step.parameters[0]?.role).toBe('embedding'), plainOutcome(step))),
      {},
      { parameters: [{ name: kernel.name, role: 'embedding' }] },
    ).minimize(quadratic(kernel), false, [kernel]);
  });
});
