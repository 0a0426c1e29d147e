import type { DataPart, Scores, Task } from '@flatmin/core';
import * as tf from '@tensorflow/tfjs-core';
import { type AnyModel, methodsOf, type Metrics } from './tasks/methods.js';

export interface JudgeOptions {
  /** Examples a forward pass; changes memory and speed only. Default 500. */
  readonly batchSize?: number;
  /** Default classification. */
  readonly task?: Task;
  /** What else to judge the answers by; they are all held until the end then. */
  readonly scores?: Scores | undefined;
}

/** Answers and targets, batch by batch. */
type Answered = (readonly [answers: tf.Tensor, targets: tf.Tensor])[];

/**
 * Mean loss and metrics of a model over a part of a data set: no gradient, no change of the model, and one read-back at
 * the end. Holds one batch in memory, whatever the size of the part, and two numbers an example for `scores`.
 */
export async function evaluate(
  model: AnyModel,
  part: Pick<DataPart<tf.Tensor>, 'batches'>,
  { batchSize = 500, task = 'classification', scores }: JudgeOptions = {},
): Promise<Metrics> {
  const methods = methodsOf(task);
  const answersOf = scores && methods.answers;
  const answered: Answered = [];
  let sums = tf.tensor1d([]);
  for await (const { x, y } of part.batches({ batchSize })) {
    const previous = sums;
    try {
      sums = tf.tidy(() => {
        const outputs = methods.outputs(model, x, y, false);
        if (answersOf !== undefined) answered.push([tf.keep(answersOf(outputs)), tf.keep(y.clone())]);
        const found = methods.sums(outputs, y);
        return previous.size === 0 ? found : tf.add(previous, found);
      });
    } finally {
      tf.dispose([previous, x, y]);
    }
  }
  const metrics = methods.metrics([...(await sums.data())]);
  sums.dispose();
  return scores === undefined || answersOf === undefined
    ? metrics
    : { ...metrics, scores: await scored(answered, scores) };
}

async function scored(answered: Answered, scores: Scores): Promise<Readonly<Record<string, number>>> {
  const all = async (tensors: tf.Tensor[]): Promise<number[]> => {
    const joined = tf.concat(tensors);
    tf.dispose(tensors);
    const values = [...(await joined.data())];
    joined.dispose();
    return values;
  };
  return scores(await all(answered.map(([answers]) => answers)), await all(answered.map(([, targets]) => targets)));
}
