import { FlatminError, isFlatminError } from '@flatmin/core';
import type { Batch, DataPart } from '@flatmin/core/plugin';
import type { PartName } from '@flatmin/data';
import * as tf from '@tensorflow/tfjs-core';
import { assignVariables, copyVariables } from '../checkpoint/checkpoint.js';
import { evaluate } from '../metrics/evaluate.js';
import { judgeOptionsOf } from '../metrics/judgePart.js';
import { evaluateDefaults } from '../settings/evaluation.js';
import { requireMetric } from './earlyStopping.js';
import type { Judged } from './judge.js';
import type { TrainOptions } from './options.js';
import type { Steps } from './steps.js';

/**
 * Takes one step on the first training batch, one on as many examples as the last batch of an epoch has where it is
 * smaller, and evaluates the first batch of each part, so that what does not fit shows now and not at the end of an
 * epoch. Model, optimizer and positions are put back: the run is the same bit for bit.
 *
 * Cost: one or two eager steps, and one forward pass for each part that is judged.
 *
 * @throws FlatminError RUN_INVALID with the shapes of the batch, unless the error was one of flatmin's own.
 */
export async function dryRun(options: TrainOptions, steps: Steps, judged: readonly PartName[]): Promise<void> {
  const { dataset, model, batchSize, positions = {} } = options;
  const before = Object.entries(positions).map(([name, { position }]) => [name, position] as const);
  const variables = copyVariables(model);
  try {
    const last = dataset.train.size % batchSize;
    await tryBatch('train', batchSize, 'one step', options, (batch) => steps.rehearse(batch));
    if (last > 0 && last < dataset.train.size)
      await tryBatch('train', last, 'a step on the last batch', options, (batch) => steps.rehearse(batch));
    const found: Judged = {};
    for (const part of judged) {
      const size = options.evaluate?.batchSize ?? evaluateDefaults.batchSize;
      await tryBatch(part, size, `evaluating a batch of ${part}`, options, async (batch) => {
        found[part] = await evaluate(model, { batches: () => once(batch) }, judgeOptionsOf(dataset));
      });
    }
    requireMetric(found, options);
  } finally {
    assignVariables(model, variables);
    tf.dispose(variables.map(({ tensor }) => tensor));
    for (const [name, position] of before) (positions[name] as { position: number }).position = position;
  }
}

type AnyBatch = Batch<tf.Tensor>;

async function* once({ x, y }: AnyBatch): AsyncGenerator<AnyBatch> {
  // The evaluation disposes what it is given.
  yield await Promise.resolve({ x: x.clone(), y: y.clone() });
}

/** Uses the first batch of a part, in its natural order: a shuffle may read far ahead. */
async function tryBatch(
  name: PartName,
  batchSize: number,
  what: string,
  { dataset, model }: TrainOptions,
  use: (batch: AnyBatch) => void | Promise<void>,
): Promise<void> {
  const part: DataPart<tf.Tensor> = dataset[name];
  for await (const batch of part.batches({ batchSize })) {
    try {
      await use(batch);
    } catch (cause) {
      if (isFlatminError(cause)) throw cause;
      const shapes = Object.entries(batch).map(
        ([name, tensor]: [string, tf.Tensor]) => `${name} is ${tensor.dtype} [${tensor.shape.join(', ')}]`,
      );
      throw new FlatminError(
        'RUN_INVALID',
        `the dry run before the first step failed, at ${what}: ${messageOf(cause)}. Of data set ${dataset.id}, ` +
          `${shapes.join(' and ')}; the model is ${model.description}. Fit the one to the other.`,
        { cause },
      );
    } finally {
      tf.dispose([batch.x, batch.y]);
    }
    break;
  }
}

/** The message in one line, without its full stop: TensorFlow's own have several. */
const messageOf = (cause: unknown): string =>
  (cause instanceof Error ? cause.message : String(cause)).replaceAll(/\s+/g, ' ').replace(/\.$/, '');
