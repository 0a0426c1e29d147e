import { RandomStream, taskOf, type DataPart, type DataSet } from '@flatmin/core';
import { validationBatches, type ValidationLoss } from '@flatmin/lets';
import { methodsOf, type AnyModel } from '@flatmin/training';
import * as tf from '@tensorflow/tfjs-core';

/** Bytes of held-out inputs that are kept in memory at most. */
export const heldOutBytes = 256 * 2 ** 20;

/**
 * The loss of held-out batches, as LETS takes it; undefined where the data set holds nothing out. The examples are those of the
 * validation part, and of a part of more than {@link heldOutBytes} as many as fit, chosen by the seed: they stay in memory, so that
 * which batch a step sees depends on nothing but its number.
 */
export async function heldOutLoss(
  dataset: DataSet,
  model: AnyModel,
  { batchSize, seed }: { readonly batchSize: number; readonly seed: number },
): Promise<ValidationLoss | undefined> {
  const part = dataset.validation as DataPart<tf.Tensor>;
  const examples = await someExamples(part, dataset.inputShape, seed);
  if (examples === undefined) return undefined;
  const task = methodsOf(taskOf(dataset));
  const settings = { classes: dataset.classes, labelSmoothing: 0 };
  const { x, y } = examples;
  const targets = tf.tidy(() => task.encode(y, settings));
  const loss = validationBatches({ x, y: targets, batchSize, seed }, (inputs: tf.Tensor, target: tf.Tensor) =>
    tf.mean<tf.Scalar>(task.perExample(task.outputs(model, inputs, target, false), target, settings)),
  );
  tf.dispose([x, y, targets]); // What is needed of them was copied.
  return loss;
}

async function someExamples(
  part: DataPart<tf.Tensor>,
  inputShape: readonly number[],
  seed: number,
): Promise<{ readonly x: tf.Tensor; readonly y: tf.Tensor } | undefined> {
  if (part.size === 0) return undefined;
  const fitting = Math.max(1, Math.floor(heldOutBytes / (4 * tf.util.sizeFromShape([...inputShape]))));
  const shuffle = new RandomStream(seed).at('held out');
  const all = { batchSize: Math.min(part.size, fitting), ...(fitting < part.size && { shuffle }) };
  for await (const batch of part.batches(all)) return batch;
  return undefined;
}
