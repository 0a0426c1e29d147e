import { afterEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { createContainer } from './container.js';
import { setFallbackContainer } from '../optimizer/currentContainer.js';
import { metaFactory, variantFactory } from './factories.js';
import { definePlugin } from '../plugin/plugin.js';
import { toySamPlugin } from '../toys.fixture.js';
import type { SharpnessVariant } from '../variant/variant.js';
import { scale } from '../tensors/weightVector.js';

const sgd = { use: 'sgd', learningRate: 0.1 };
const shrunk = (inner: SharpnessVariant<unknown>, by: number): SharpnessVariant<unknown> => ({
  ...inner,
  id: `shrunk(${inner.id})`,
  estimate: (step) => {
    const outcome = inner.estimate(step);
    return { ...outcome, ...(outcome.gradient && { gradient: scale(outcome.gradient, by) }) };
  },
});
const shrink = definePlugin({
  kind: 'meta',
  id: 'shrink',
  apiVersion: 1,
  options: z.strictObject({ by: z.number().positive() }),
  create: ({ by }, { inner }) => shrunk(inner, by),
});
const twice = definePlugin({
  kind: 'meta',
  id: 'twice',
  apiVersion: 1,
  requires: ['shrink'],
  options: z.strictObject({ first: z.number(), second: z.number() }),
  create: ({ first, second }, { inner, wrap }) =>
    wrap({ use: 'shrink', by: first }, wrap({ use: 'shrink', by: second }, inner)),
});
const needsSteps = definePlugin({
  kind: 'meta',
  id: 'needs-steps',
  apiVersion: 1,
  options: z.strictObject({}),
  create: (_, { inner, totalSteps = 0 }) => shrunk(inner, totalSteps),
});

/** What one step of the loss w, whose gradient is 1, takes off w. */
function taken(optimizer: { minimize(loss: () => tf.Scalar, cost: boolean, list: tf.Variable[]): unknown }): number {
  const w = tf.variable(tf.tensor1d([1]));
  optimizer.minimize(() => tf.sum<tf.Scalar>(w), false, [w]);
  const [value] = w.dataSync();
  w.dispose();
  return 1 - (value as number);
}

describe('a meta composed of others', () => {
  afterEach(() => setFallbackContainer(() => createContainer()));
  const container = createContainer({ plugins: [toySamPlugin, shrink, twice, needsSteps] });
  const inner = { use: 'toy-sam', base: sgd };

  it('wraps them by name, and is saved as it was written', () => {
    const optimizer = container.createOptimizer({ use: 'twice', first: 0.5, second: 0.25, inner });
    expect(taken(optimizer)).toBeCloseTo(0.1 * 0.5 * 0.25, 6);
    expect(optimizer.setup.spec).toEqual({
      use: 'twice',
      first: 0.5,
      second: 0.25,
      inner: { use: 'toy-sam' },
      base: sgd,
    });
    optimizer.dispose();
  });

  it('reports what a part finds wrong at its own place', () => {
    const spec = { use: 'twice', first: 0.5, second: -1, inner };
    expect(container.problems('optimizer', spec)).toEqual([expect.objectContaining({ path: 'by', value: -1 })]);
  });

  it('refuses a container without its parts', () => {
    expect(() => createContainer({ plugins: [toySamPlugin, twice] })).toThrow(
      expect.objectContaining({
        code: 'PLUGIN_MISSING_DEPENDENCY',
        message: expect.stringMatching(/"twice" is composed of "shrink", not registered here/),
      }),
    );
  });

  it('takes its parts from the container in use in code', () => {
    const [toy, make] = [variantFactory(toySamPlugin), metaFactory(twice)];
    const settings = { first: 0.5, second: 0.5 };
    setFallbackContainer(() => createContainer());
    expect(() => make(toy({ base: sgd }), settings)).toThrow(/composed of "shrink".*useContainer/);
    setFallbackContainer(() => container);
    const optimizer = make(toy({ base: sgd }), settings);
    expect(taken(optimizer)).toBeCloseTo(0.1 * 0.25, 6);
    optimizer.dispose();
  });

  it('refuses parts that are not ids', () => {
    const parts = [1] as unknown as string[];
    expect(() => definePlugin({ ...twice, requires: parts })).toThrow(/"twice" is not valid: requires is \[1\]/);
  });

  it('knows the number of steps of the run', () => {
    const optimizer = container.createOptimizer({ use: 'needs-steps', inner }, { totalSteps: 3 });
    expect(taken(optimizer)).toBeCloseTo(0.3, 6);
    optimizer.dispose();
  });
});
