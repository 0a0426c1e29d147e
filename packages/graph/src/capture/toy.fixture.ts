import { type LossFunction, lossOfOutputs } from '@flatmin/core';
import {
  ascend,
  definePlugin,
  ofLength,
  radius,
  type SharpnessVariant,
  type StepOutlook,
  variantFactory,
} from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod';

/** True where the tests run on the native backend. */
export const onNative = process.env['FLATMIN_BACKEND'] === undefined || process.env['FLATMIN_BACKEND'] === 'tensorflow';

const made: { dispose(): void }[] = [];

/** Has it disposed after the test. */
export function own<T extends { dispose(): void }>(each: T): T {
  made.push(each);
  return each;
}

export function disposeAll(): void {
  for (const each of made.splice(0).reverse()) each.dispose();
}

interface Counts {
  readonly steps: number;
}

/**
 * SAM with what makes a graph difficult: noise, a count in the state, a gate that reads back, ways that JavaScript
 * decides.
 */
function toy(options: { noise: boolean; gate: boolean; period: number; says: boolean }): SharpnessVariant<Counts> {
  const { noise, gate, period, says } = options;
  return {
    id: 'toy',
    radius: 'linear',
    initialState: () => ({ steps: 0 }),
    ...(says && { graphKey: ({ state }: StepOutlook<Counts>) => `${state.steps % period}` }),
    estimate: (step) => {
      const { loss, gradient } = step.evaluate();
      const state = { steps: step.state.steps + 1 };
      const isPlain = step.state.steps % period !== 0 || (gate && tf.less(loss, 0.9).dataSync()[0] === 1);
      if (isPlain) return { loss, gradient, state, metrics: { branch: 'base' } };
      const stream = step.random.at('noise');
      const along = noise ? gradient.map((g, i) => tf.add(g, stream.at(i).normal(g.shape))) : gradient;
      const { perturbed, ascent, metrics } = ascend(step, ofLength(along, step.radius));
      return { loss, gradient: perturbed, state, ascent, metrics: { ...metrics, branch: 'sam' } };
    },
  };
}

export const toyPlugin = definePlugin({
  kind: 'variant',
  id: 'toy',
  apiVersion: 1,
  description: 'SAM with what makes a graph difficult.',
  options: z.strictObject({
    rho: radius(0.1),
    noise: z.boolean().default(false),
    gate: z.boolean().default(false),
    period: z.number().int().default(1),
    says: z.boolean().default(true),
  }),
  create: toy,
});

export const createToy = variantFactory(toyPlugin);

/** Softmax regression with a statistic that each pass moves, and its batches. */
export class Regression {
  readonly kernel = tf.variable(tf.tensor2d(series(12, 1), [4, 3]));
  readonly bias = tf.variable(tf.zeros([3]));
  readonly statistic = tf.variable(tf.zeros([3]), false);
  readonly batches = [0, 1, 2].map((i) => this.batch(6, i));
  readonly lossOf = (x: tf.Tensor, y: tf.Tensor): LossFunction =>
    lossOfOutputs((inputs) => this.#logits(inputs as tf.Tensor2D), crossEntropy, x, y);

  get variables(): tf.Variable[] {
    return [this.kernel, this.bias];
  }

  batch(size: number, i: number): [tf.Tensor2D, tf.Tensor2D] {
    const labels = tf.tensor2d(Array.from({ length: 3 * size }, (_, at) => (at % 3 === (i + at) % 2 ? 1 : 0)), [size, 3]); // prettier-ignore
    return [own(tf.tensor2d(series(4 * size, 10 + i), [size, 4])), own(labels)];
  }

  values(): number[] {
    return [...this.variables, this.statistic].flatMap((variable) => [...variable.dataSync()]);
  }

  dispose(): void {
    tf.dispose([...this.variables, this.statistic]);
  }

  #logits(x: tf.Tensor2D): tf.Tensor2D {
    const hidden = tf.add<tf.Tensor2D>(tf.matMul(x, this.kernel), this.bias);
    this.statistic.assign(tf.add(tf.mul(0.9, this.statistic), tf.mul(0.1, tf.mean(hidden, 0))));
    return tf.relu(hidden);
  }
}

const crossEntropy = (logits: tf.Tensor2D, y: tf.Tensor): tf.Tensor1D =>
  tf.neg(tf.sum(tf.mul(y, tf.logSoftmax(logits)), 1));

/** Numbers between -1 and 1 without a pattern. */
function series(length: number, seed: number): number[] {
  return Array.from({ length }, (_, i) => Math.sin(12.9898 * (i + 1) + 78.233 * seed));
}
