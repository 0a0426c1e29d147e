import { FlatminError, inUnitOfData } from '@flatmin/core';
import type { DataPart, Scores, TargetScale, Task } from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';
import { evaluateDefaults } from '../settings/evaluation.js';
import { methodsOf } from '../tasks/methods.js';
import type { AnyModel, Metrics } from '../tasks/task.js';

export interface JudgeOptions {
  /** Examples a forward pass; changes memory and speed only. Default 500. */
  readonly batchSize?: number | undefined;
  /** Default classification. */
  readonly task?: Task;
  /** How the targets of a regression are scaled: metrics, and what `scores` judges, are in the unit of the data. */
  readonly targetScale?: TargetScale | undefined;
  /** What else to judge the answers by; they are all held until the end then. */
  readonly scores?: Scores | undefined;
  /** Called after each batch, with the examples that are done. */
  readonly onProgress?: ((done: number) => void | Promise<void>) | undefined;
}

/** Answers and targets, batch by batch. */
type Answered = (readonly [answers: tf.Tensor, targets: tf.Tensor])[];

/**
 * Mean loss and metrics of a model over a part of a data set: no gradient, no change of the model, and one read-back at
 * the end. Holds one batch in memory, whatever the size of the part, a few numbers of each batch, and two numbers an
 * example for `scores`.
 *
 * @throws FlatminError DATA_INVALID where the part gives no examples.
 */
export async function evaluate(
  model: AnyModel,
  part: Pick<DataPart<tf.Tensor>, 'batches'>,
  {
    batchSize = evaluateDefaults.batchSize,
    task = 'classification',
    targetScale,
    scores,
    onProgress,
  }: JudgeOptions = {},
): Promise<Metrics> {
  const methods = methodsOf(task);
  const answersOf = scores && methods.answers;
  const answered: Answered = [];
  const sums: tf.Tensor1D[] = [];
  let done = 0;
  try {
    for await (const { x, y } of part.batches({ batchSize })) {
      try {
        const found = tf.tidy(() => {
          const outputs = methods.outputs(model, x, y, false);
          if (answersOf !== undefined) answered.push([tf.keep(answersOf(outputs)), tf.keep(y.clone())]);
          return methods.sums(outputs, y);
        });
        sums.push(found);
        done += x.shape[0] ?? 0;
      } finally {
        tf.dispose([x, y]);
      }
      await onProgress?.(done);
    }
  } catch (error) {
    // What was gathered of the batches before.
    tf.dispose([sums, answered.flat()]);
    throw error;
  }
  if (sums.length === 0) {
    throw new FlatminError(
      'DATA_INVALID',
      'evaluate: the part gave no examples, and a mean of none is not a number. Give a part with at least one.',
    );
  }
  const metrics = methods.metrics(await rowsOf(sums), targetScale);
  return scores === undefined || answersOf === undefined
    ? metrics
    : { ...metrics, scores: await scored(answered, scores, targetScale) };
}

/** The values of tensors of one length, read at once; the tensors are disposed. */
async function rowsOf(tensors: tf.Tensor1D[]): Promise<number[][]> {
  const stacked = tf.stack(tensors) as tf.Tensor2D;
  tf.dispose(tensors);
  const rows = await stacked.array();
  stacked.dispose();
  return rows;
}

async function scored(
  answered: Answered,
  scores: Scores,
  scale: TargetScale | undefined,
): Promise<Readonly<Record<string, number>>> {
  const all = async (tensors: tf.Tensor[]): Promise<number[]> => {
    const joined = tf.concat(tensors);
    tf.dispose(tensors);
    const values = Array.from(await joined.data(), (value) => inUnitOfData(value, scale));
    joined.dispose();
    return values;
  };
  return scores(await all(answered.map(([answers]) => answers)), await all(answered.map(([, targets]) => targets)));
}
