import { FlatminError } from '@flatmin/core';
import { type BatchOptions, type DataPart, type DataSet, taskOf } from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';
import { requireBatch } from './shapes.js';

const partNames = ['train', 'validation', 'test'] as const;
const checked = new WeakSet<DataSet>();

/**
 * A data set whose batches are held to what it says of itself, as they are read: shapes and types of every batch; the
 * values of targets and ids the first time that a part is read; and the number of examples each time, since the steps
 * were planned by it.
 *
 * Cost: two small reads of values a batch in the first pass over a part; comparisons of numbers from then on.
 *
 * @throws FlatminError DATA_INVALID from the iteration, by the data set's name.
 */
export function checkedDataSet<D extends DataSet>(dataset: D): D {
  if (checked.has(dataset)) return dataset;
  const parts = partNames.map((name) => [name, checkedPart(dataset, name)] as const);
  const result: D = { ...dataset, ...(Object.fromEntries(parts) as object) };
  checked.add(result);
  return result;
}

function checkedPart(dataset: DataSet, name: (typeof partNames)[number]): DataPart<tf.Tensor> {
  const part: DataPart<tf.Tensor> = dataset[name];
  const refuse = (what: string): never => {
    throw new FlatminError(
      'DATA_INVALID',
      `${dataset.id}, ${name}: ${what}. This is a defect of the data or of its reader: report it to its author.`,
    );
  };
  let isKnown = false;
  return {
    size: part.size,
    async *batches(options) {
      const expected = examplesOf(part.size, options);
      let examples = 0;
      for await (const batch of part.batches(options)) {
        const { x, y } = batch;
        try {
          requireBatch(dataset, name, x, y);
          if (!isKnown) await requireValues(dataset, { x, y }, refuse);
          examples += x.shape[0] ?? 0;
          if (examples > expected) refuse(`it gave more than the ${expected} examples that its size promises`);
        } catch (error) {
          tf.dispose([x, y]);
          throw error;
        }
        yield batch;
      }
      if (examples !== expected) refuse(`it gave ${examples} examples, and its size promises ${expected}`);
      isKnown = true;
    },
  };
}

function examplesOf(size: number, { batchSize, dropRemainder = false }: BatchOptions): number {
  return dropRemainder ? size - (size % batchSize) : size;
}

/** A class or an id outside its range would be encoded as nothing at all, and train. */
async function requireValues(
  dataset: DataSet,
  { x, y }: { readonly x: tf.Tensor; readonly y: tf.Tensor },
  refuse: (what: string) => never,
): Promise<void> {
  const { vocabulary } = dataset;
  const task = taskOf(dataset);
  const inRange = async (what: string, ids: tf.Tensor, end: number): Promise<void> => {
    const wrong = (await ids.data()).find((id) => id < 0 || id >= end);
    if (wrong !== undefined) refuse(`${what} of a batch is ${wrong}, and should be from 0 to ${end - 1}`);
  };
  if (vocabulary !== undefined && x.dtype === 'int32') await inRange('an id in x', x, vocabulary.size);
  if (task === 'regression') {
    const wrong = (await y.data()).find((value) => !Number.isFinite(value));
    if (wrong !== undefined) refuse(`a target of a batch is ${wrong}, and should be a finite number`);
  } else await inRange(task === 'classification' ? 'a class in y' : 'an id in y', y, dataset.classes);
}
