import { FlatminError } from '@flatmin/core';
import { show } from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';
import type { LossOrMetric, TrainedModel } from './trainedModel.js';

/** What a loss function that gives one number for a batch makes of its examples. */
export type Reduction = 'mean' | 'sum';

/** Refuses what is not a reduction. */
export function checkReduction(reduction: unknown): asserts reduction is Reduction | undefined {
  if (reduction === undefined || reduction === 'mean' || reduction === 'sum') return;
  throw new FlatminError(
    'LOSS_INVALID',
    `reduction is ${show(reduction)}. Give 'mean' or 'sum': how the loss combines its examples.`,
  );
}

const shapeOf = ({ shape }: tf.Tensor): string => `[${shape.join(', ')}]`;

/** True for a loss that has a row for each example. */
export const isByExample = (loss: tf.Tensor, size: number): boolean => loss.rank > 0 && loss.shape[0] === size;

/**
 * The loss of an output before the mean, if it has no more values than predictions or targets have: more come from
 * broadcasting the one to the other, such as [batch, 1] and [batch] to [batch, batch], whose mean is not a loss.
 */
export function lossOfOutput(loss: LossOrMetric, name: string | undefined, y: tf.Tensor, output: tf.Tensor): tf.Tensor {
  const found = loss(y, output);
  if (found.rank < 2 || found.size <= Math.max(y.size, output.size)) return found;
  throw new FlatminError(
    'LOSS_INVALID',
    `the loss of the output ${show(name)} has shape ${shapeOf(found)} for targets of shape ${shapeOf(y)} and predictions of shape ` +
      `${shapeOf(output)}: one was broadcast to the other. Give both the same shape in the loss function.`,
  );
}

/** Runs `pass` where the losses of the model are looked at as they are computed. */
export function withCheckedLosses<T>(model: TrainedModel, pass: () => T): T {
  const { lossFunctions, outputNames } = model;
  model.lossFunctions = lossFunctions?.map(
    (loss, i) => loss && ((y, output) => lossOfOutput(loss, outputNames[i], y, output)),
  );
  try {
    return pass();
  } finally {
    model.lossFunctions = lossFunctions;
  }
}

/** What is known of a part of a batch when its losses are reduced. */
export interface PartOfBatch {
  /** Examples of the part, and of the whole batch. */
  readonly size: number;
  readonly of: number;
  readonly reduction: Reduction | undefined;
  /** Whether the examples have weights. */
  readonly isWeighted: boolean;
  /** Whether the losses of the parts are combined to that of the batch. */
  readonly isCombined: boolean;
}

/**
 * The loss of a part such that the mean over the parts, by examples, is the loss of the batch: a loss with a row for
 * each example is that already, a sum is scaled to the size of the batch, and of one number it has to be said what it
 * is.
 */
export function lossOfPart(loss: tf.Tensor, name: string | undefined, part: PartOfBatch): tf.Tensor {
  const { size, of, reduction, isWeighted, isCombined } = part;
  if (isByExample(loss, size)) return loss;
  if (isCombined && (reduction === undefined || isWeighted)) {
    const weighted = isWeighted ? ' if examples have weights' : '';
    throw new FlatminError(
      'BATCH_ACCESS_MISSING',
      `the loss of the output ${show(name)} has shape ${shapeOf(loss)} for ${size} of ${of} examples, and how that combines for the whole batch ` +
        `is not known${weighted}. Use a loss for each example: a name such as 'categoricalCrossentropy', or a function ` +
        "(yTrue, yPred) => [batch]; or, if examples have no weights, say how it combines them: reduction: 'mean' or 'sum'.",
    );
  }
  return reduction === 'sum' ? tf.mul(loss, of / size) : loss;
}
