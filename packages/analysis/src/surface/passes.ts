import type { LossFunction } from '@flatmin/core';
import { alias, lossAndGradients, Statistics, valueOf } from '@flatmin/core/internal';
import { requireAccess } from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';
import { Kinks } from './kinks.js';
import { flattened } from './layout.js';

/** The tensors of a batch. */
export type BatchTensors = readonly tf.Tensor[];

/** The loss of a batch, and with it the numbers that its metrics are computed from. */
export interface BatchLoss {
  readonly loss: LossFunction;
  /** Both by one forward pass. */
  readonly judged?: (() => readonly [loss: tf.Scalar, figures: tf.Tensor1D]) | undefined;
}

/** Where the variables stand during a pass. */
export interface PassPlace {
  readonly variables: readonly tf.Variable[];
  /** All of them, flat. */
  readonly point: tf.Tensor1D;
  /** Computes with the variables at another flat point. */
  at<T>(point: tf.Tensor1D, compute: () => T): T;
}

/** What is computed of a batch; `given` is what it takes besides. */
export type Pass = (batch: BatchLoss, place: PassPlace, given: readonly tf.Tensor[]) => tf.Tensor[];

/** [loss], and the figures where there are some. */
export const valuePass: Pass = ({ loss, judged }) => (judged === undefined ? [valueOf(loss)] : [...judged()]);

/** [loss, flat gradient]. */
export const gradientPass: Pass = ({ loss }, { variables }) => {
  const found = lossAndGradients(loss, variables);
  const all = variables.map((variable) => found.gradients.get(variable) ?? tf.zerosLike(variable as tf.Tensor));
  return [found.loss, flattened(all)];
};

/**
 * [H v] of given [v, step], where v has the length 1: the central difference of gradients, with relu and its like held
 * to the pieces on which they are at the point.
 */
export const hessianPass: Pass = (batch, place, [vector, step]) => {
  const shift = tf.mul<tf.Tensor1D>(vector as tf.Tensor, step as tf.Tensor);
  const kinks = new Kinks();
  try {
    tf.dispose(kinks.noted(() => valueOf(batch.loss)));
    const slopeAt = (point: tf.Tensor1D): tf.Tensor =>
      place.at(point, () => kinks.held(() => gradientPass(batch, place, [])))[1] as tf.Tensor;
    const [above, below] = [slopeAt(tf.add(place.point, shift)), slopeAt(tf.sub(place.point, shift))];
    return [tf.div(tf.sub(above, below), tf.mul(2, step as tf.Tensor))];
  } finally {
    kinks.dispose();
  }
};

/** By which share of their own size outputs move where the loss is differentiated by them. */
const outputStep = 1e-2;

/**
 * [G v] of given [v, step], where v has the length 1: J v and the loss's second derivative by the outputs z along it
 * are central differences, of the outputs and of the gradient by them; then the gradient of <z, that>.
 */
export const gaussNewtonPass: Pass = (batch, place, [vector, step]) => {
  const through = requireAccess(batch.loss, 'throughOutputs', 'the Gauss-Newton matrix')();
  const outputs = (): tf.Tensor => through.outputs();
  const shift = tf.mul<tf.Tensor1D>(vector as tf.Tensor, step as tf.Tensor);
  const central = (above: tf.Tensor, below: tf.Tensor, by: tf.Tensor): tf.Tensor =>
    tf.div(tf.sub(above, below), tf.mul(2, by));
  const above = place.at(tf.add(place.point, shift), outputs);
  const below = place.at(tf.sub(place.point, shift), outputs);
  const along = central(above, below, step as tf.Tensor);
  const z = outputs();
  const rms = (tensor: tf.Tensor): tf.Tensor => tf.sqrt(tf.mean(tf.square(tensor)));
  // Where the outputs do not move, neither does anything that comes of them.
  const epsilon = tf.div(tf.mul(outputStep, tf.add(1, rms(z))), tf.maximum(rms(along), 1e-12));
  const slope = tf.grad((at) => through.loss(at));
  const move = tf.mul(along, epsilon);
  const curved = central(slope(tf.add(z, move)), slope(tf.sub(z, move)), epsilon);
  const pulled = (): tf.Scalar => tf.sum(tf.mul(outputs(), curved));
  return gradientPass({ loss: pulled }, place, []).slice(1);
};

/** Runs `compute` with variables at other values, and puts back those, and every statistic that it moved. */
export function withValues<T>(variables: readonly tf.Variable[], values: readonly tf.Tensor[], compute: () => T): T {
  const statistics = new Statistics(new Set());
  const before = statistics.snapshot();
  const own = variables.map((variable) => tf.keep(alias(variable)));
  try {
    variables.forEach((variable, i) => variable.assign(values[i] as tf.Tensor));
    return compute();
  } finally {
    variables.forEach((variable, i) => variable.assign(own[i] as tf.Tensor));
    statistics.restore(before);
    statistics.release();
    tf.dispose(own);
  }
}
