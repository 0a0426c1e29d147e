import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { createContainer } from '../compose/container.js';
import type { FlatminError } from '../errors/errors.js';
import { afterInnerUpdate } from '../variant/gate.js';
import { definePlugin } from './plugin.js';
import {
  optimizerOf,
  plainOutcome,
  pluginOf,
  quadratic,
  thrownBy,
  toySam,
  valuesOf,
  variableOf,
} from '../toys.fixture.js';
import { variantOf as variant } from '../toys.fixture.js';
import type { Ascent, SharpnessVariant, Step, StepOutcome } from '../variant/variant.js';

type Spoil = (good: StepOutcome<unknown>, step: Step<unknown>) => unknown;

const gone = (tensor: tf.Tensor): tf.Tensor => {
  tensor.dispose();
  return tensor;
};

/** The error of the first step of a variant; everything is as before it. */
function errorOf(spoil: Spoil, more: Partial<SharpnessVariant<unknown>> = {}): FlatminError {
  const w = variableOf([3, 4]);
  const optimizer = optimizerOf(
    variant((step) => spoil(toySam.estimate(step), step) as StepOutcome<unknown>, more),
    {
      base: { use: 'momentum', learningRate: 0.1, momentum: 0.9 },
    },
  );
  const { numTensors } = tf.memory();
  const error = thrownBy(() => optimizer.minimize(quadratic(w), false, [w]));
  expect(valuesOf([w])).toEqual([[3, 4]]);
  expect(tf.memory().numTensors).toBe(numTensors);
  expect(thrownBy(() => optimizer.lastStep).code).toBe('LAST_STEP_EXPIRED');
  optimizer.dispose();
  return error;
}

describe('case 15: before the base moves, refused by the name of the plugin:', () => {
  // Made in the test: before it there is no backend.
  const withMetrics =
    (metrics: () => unknown): Spoil =>
    (good) => ({ ...good, metrics: metrics() });
  it.each<[string, Spoil, RegExp]>([
    [
      'a metric per weight',
      withMetrics(() => ({ norms: tf.ones([2]) })),
      /metrics whose norms has shape \[2\], and is not a scalar/,
    ],
    [
      'a metric that is gone',
      withMetrics(() => ({ size: gone(tf.scalar(1)) })),
      /metrics whose size is a disposed tensor/,
    ],
    [
      'a metric of text',
      withMetrics(() => ({ size: tf.scalar('x') })),
      /metrics whose size is of type string, not a number/,
    ],
    [
      'a metric that is none',
      withMetrics(() => ({ size: { of: 1 } })),
      /metrics whose size is \{"of":1\}, not a scalar, number or/,
    ],
    ['a metric to come', withMetrics(() => ({ size: Promise.resolve(1) })), /metrics whose size is/],
    ["the engine's loss", withMetrics(() => ({ loss: 7 })), /metrics whose loss is the name of one of flatmin's own/],
    [
      "the engine's count",
      withMetrics(() => ({ gradientEvaluations: 1 })),
      /whose gradientEvaluations is the name of one of flatmin's own/,
    ],
    ['a radius in words', withMetrics(() => ({ radius: 'large' })), /metrics whose radius is "large", not a scalar/],
    ['a branch in numbers', withMetrics(() => ({ branch: 1 })), /metrics whose branch is 1, not a word/],
    ['a list for metrics', withMetrics(() => [1]), /gave the metrics \[1\], not a record of them/],
    ['a word for metrics', withMetrics(() => 'fine'), /gave the metrics "fine"/],
    ['a loss that is gone', (good) => ({ ...good, loss: gone(tf.scalar(1)) }), /loss that is a disposed tensor/],
    [
      'a gradient that is gone',
      (good) => ({ ...good, gradient: [gone(tf.ones([2]))] }),
      /gradient is a disposed tensor at 0/,
    ],
    [
      'a gradient of truths',
      (good) => ({ ...good, gradient: [tf.ones([2], 'bool')] }),
      /gradient is bool at 0, the variable float32/,
    ],
    [
      'an update of integers',
      (good) => ({ ...good, update: [tf.ones([2], 'int32')] }),
      /update is int32 at 0, the variable float32/,
    ],
    ['a promise', () => Promise.resolve({}), /loss that is undefined/],
    [
      'an ascent without its end',
      (good) => ({ ...good, ascent: { direction: [tf.ones([2])], clean: [tf.ones([2])] } }),
      /ascent has no perturbed/,
    ],
    ['an ascent of a word', (good) => ({ ...good, ascent: 'up' }), /ascent is "up"/],
    [
      'an ascent with a vector for a factor',
      (good) => ({ ...good, ascent: { ...good.ascent, factor: tf.ones([2]) } }),
      /ascent has a factor that has shape \[2\]/,
    ],
  ])('%s', (_, spoil, message) => {
    const error = errorOf(spoil);
    expect(error.code).toBe('PLUGIN_FAULTY');
    expect(error.message).toMatch(/^plugin "probe" \(variant\) in step 0 gave.*Nothing was changed.*report it to/);
    expect(error.message).toMatch(message);
  });

  const self: Record<string, unknown> = {};
  self['self'] = self;
  it.each<[string, () => unknown, RegExp]>([
    ['a real number', () => ({ rho: 0.5 }), /0.5 at state\/rho/],
    ['what is not a number', () => [NaN], /NaN at state\/0/],
    ['a word', () => ({ mode: 'on' }), /"on" at state\/mode/],
    ['a function', () => ({ next: () => 1 }), /a function at state\/next/],
    ['a Map', () => ({ seen: new Map() }), /\{\} at state\/seen/],
    ['numbers of JavaScript', () => ({ list: new Float32Array(1) }), /at state\/list/],
    ['a tensor that is gone', () => ({ sum: gone(tf.scalar(1)) }), /disposed tensor at state\/sum/],
    ['itself', () => self, /or contains itself, at state\/self/],
  ])('a state that holds %s', (_, state, message) => {
    for (const error of [
      errorOf((good) => ({ ...good, state: state() })),
      errorOf((good) => good, { initialState: state }),
    ]) {
      expect(error.code).toBe('STATE_INVALID');
      expect(error.message).toMatch(
        /^plugin "probe" \(variant\) (in step 0|making its first state) made a state that.*Nothing was/,
      );
      expect(error.message).toMatch(message);
    }
  });

  it('what parts of a batch give, and how their states are merged', () => {
    const w = variableOf([3, 4]);
    const part = () => Object.assign(quadratic(w), { size: 1 });
    const loss = Object.assign(quadratic(w), { size: 2, split: () => [part(), part()] });
    const one = (probe: SharpnessVariant<unknown>): FlatminError =>
      thrownBy(() => optimizerOf(probe, { microBatches: 2 }).minimize(loss, false, [w]));
    expect(one(variant((step) => plainOutcome(step, { metrics: { loss: 1 } }))).message).toMatch(
      /^plugin "probe".*loss is the name/,
    );
    expect(one(variant((step) => plainOutcome(step), { mergeStates: () => 0.5 })).message).toMatch(
      /^plugin "probe" \(variant\) merging the states of parts made a state that holds 0.5/,
    );
    expect(valuesOf([w])).toEqual([[3, 4]]);
  });

  it('members of another kind, when it is created', () => {
    for (const more of [{ afterUpdate: 5 }, { graphKey: 'step' }, { learnedRadius: { initial: 1 } }]) {
      const error = thrownBy(() => optimizerOf(variant((step) => plainOutcome(step), more as never)));
      expect(error.code).toBe('PLUGIN_FAULTY');
      expect(error.message).toContain(Object.keys(more)[0]);
    }
  });
});

describe('case 15: what follows the base', () => {
  const updating = (afterUpdate: () => unknown): SharpnessVariant<unknown> =>
    variant((step) => plainOutcome(step), { afterUpdate: afterUpdate as never });
  it.each<[string, () => unknown, RegExp]>([
    ['a metric per weight', () => ({ state: {}, metrics: { gap: tf.ones([2]) } }), /gap has shape \[2\], and is not a/],
    [
      "the engine's loss",
      () => ({ state: {}, metrics: { loss: 1 } }),
      /whose loss is the name of one of flatmin's own/,
    ],
    ['a state of real numbers', () => ({ state: { rho: 0.5 } }), /made a state that holds 0.5 at state\/rho/],
    ['no state', () => ({}), /gave \{\}, not \{ state \}/],
    ['a throw', () => (undefined as unknown as { x: { y: 1 } }).x.y, /threw after the base of step 0: Cannot read/],
  ])('and gives %s leaves the base step done, says so, and names the plugin', (_, afterUpdate, message) => {
    const w = variableOf(2);
    const optimizer = optimizerOf(updating(afterUpdate));
    const error = thrownBy(() => optimizer.minimize(quadratic(w), false, [w]));
    expect(error.code).toBe('SETTLE_FAILED');
    expect(error.message).toMatch(/^step 0: plugin "probe" \(variant\).*was thrown after the base had stepped/);
    expect(error.message).toMatch(message);
    expect(error.message).not.toContain('Nothing was changed');
    expect(valuesOf([w])[0]?.[0]).toBeCloseTo(1.8, 6);
    expect(optimizer.lastStep.loss).toBe(2);
  });
});

/** A meta that uses what the inner variant tells of its ascent, as LETS does. */
const reader = definePlugin({
  kind: 'meta',
  id: 'reader',
  apiVersion: 1,
  options: z.strictObject({}),
  create: (_, { inner }) => ({
    ...inner,
    id: 'reader',
    estimate: (step) => {
      const outcome = inner.estimate(step);
      const { direction, clean, perturbed } = outcome.ascent as Ascent;
      return { ...outcome, metrics: { sum: tf.sum(tf.add(tf.add(direction[0]!, clean[0]!), perturbed[0]!)) } };
    },
    afterUpdate: (after) => afterInnerUpdate(inner, after, after.outcome, after.state),
  }),
});

describe('case 23: who is to blame for an ascent', () => {
  const errorOfAscent = (spoil: (good: Ascent) => object): FlatminError => {
    const w = variableOf([3, 4]);
    const inner = pluginOf(
      variant((step) => {
        const good = toySam.estimate(step);
        return { ...good, ascent: spoil(good.ascent as Ascent) as Ascent };
      }),
    );
    const container = createContainer({ plugins: [inner, reader] });
    const base = { use: 'sgd', learningRate: 0.1 };
    const optimizer = container.createOptimizer({ use: 'reader', base, inner: { use: 'probe' } });
    const error = thrownBy(() => optimizer.minimize(quadratic(w), false, [w]));
    expect(valuesOf([w])).toEqual([[3, 4]]);
    optimizer.dispose();
    return error;
  };

  it.each<[string, (good: Ascent) => object, RegExp]>([
    ['is not there', ({ clean, direction }) => ({ clean, direction }), /ascent has no perturbed/],
    ['is undefined', ({ clean, direction }) => ({ clean, direction, perturbed: undefined }), /ascent has no perturbed/],
    [
      'is computed, and undefined',
      ({ clean, perturbed }) => ({ clean, perturbed, get direction() { return undefined; } }), // prettier-ignore
      /gave an ascent whose direction is undefined, not a list/,
    ],
    [
      'is computed, and of another shape',
      ({ clean, perturbed }) => ({ clean, perturbed, get direction() { return [tf.ones([3])]; } }), // prettier-ignore
      /gave an ascent whose direction has shape \[3\] at 0, the variable \[2\]/,
    ],
    [
      'throws when it is computed',
      ({ clean, perturbed }) => ({ clean, perturbed, get direction(): never { throw new Error('lost it'); } }), // prettier-ignore
      /threw in step 0 computing the direction of its ascent: lost it/,
    ],
  ])('whose vector %s: the variant that made it', (_, spoil, message) => {
    const error = errorOfAscent(spoil);
    expect(error.code).toBe('PLUGIN_FAULTY');
    expect(error.message).toMatch(/^plugin "probe" \(variant\)/);
    expect(error.message).toMatch(message);
  });

  it('nobody, where it is computed rightly: by a getter, of its class too', () => {
    class Late {
      constructor(readonly good: Ascent) {}
      get direction() {
        return this.good.direction;
      }
      get clean() {
        return this.good.clean;
      }
      get perturbed() {
        return this.good.perturbed;
      }
    }
    expect(() => errorOfAscent((good) => new Late(good))).toThrow('nothing was thrown');
  });
});
