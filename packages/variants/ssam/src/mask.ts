import type { Problem } from '@flatmin/core';
import { throwProblems, type WeightVector } from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';

const sizes = (vector: WeightVector): number[] => vector.map(({ size }) => size);

/** How many numbers a vector has. */
export const sizeOf = (vector: WeightVector): number => sizes(vector).reduce((a, b) => a + b, 0);

/** 1 at the `count` largest of all scores, whichever parameter they are in; 0 elsewhere. Reads nothing back. */
export function largest(scores: WeightVector, count: number): WeightVector {
  const total = sizeOf(scores);
  if (count <= 0) return scores.map((score) => tf.zerosLike(score));
  if (count >= total) return scores.map((score) => tf.onesLike(score));
  const flat = tf.concat(scores.map((score) => tf.reshape(score, [-1])));
  const { indices } = tf.topk(flat, count, false);
  const mask = tf.scatterND(tf.reshape<tf.Rank.R2>(indices, [count, 1]), tf.ones([count]), [total]);
  return tf.split(mask, sizes(scores)).map((part, i) => tf.reshape(part, (scores[i] as tf.Tensor).shape));
}

/** The mask that a spec holds: one flat array of 0 and 1 per parameter. */
export function givenMask(arrays: readonly (readonly number[])[], weights: WeightVector): WeightVector {
  const lengths = arrays.map(({ length }) => length);
  const problem: Problem = {
    path: 'mask',
    value: lengths,
    message: `the arrays of mask differ in length from the parameters, ${JSON.stringify(sizes(weights))}`,
    remedy: 'Give one flat array of 0 and 1 per parameter, in the order in which the optimizer is given the variables.',
  };
  throwProblems(tf.util.arraysEqual(lengths, sizes(weights)) ? [] : [problem], 'ssam');
  return weights.map(({ shape }, i) => tf.tensor([...(arrays[i] as readonly number[])], shape, 'float32'));
}
