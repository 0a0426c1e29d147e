import type { Batch, BatchOptions, ClassificationDataSet, DataPart } from '@flatmin/core';
import { show } from '@flatmin/core';
import * as tf from '@tensorflow/tfjs-core';
import type { TableSplit } from '../split/splitRows.js';
import { refuse, selectRows, type Table } from '../source/table.js';

/** A part of a data set that lies in memory. Whoever gets a batch disposes its `x` and `y`. */
export interface ArrayPart extends DataPart {
  /** What the part is made of, for counting classes or looking at labels without tensors. */
  readonly table: Table;
  /** The rows of these indices as one batch, at once: LETS's validation batches, a fixed probe. */
  pick(indices: ArrayLike<number>): Batch;
  /** The whole part as one batch, in its own order. */
  all(): Batch;
}

/** A classification data set whose parts lie in memory. */
export interface ArrayDataSet extends ClassificationDataSet {
  readonly task: 'classification';
  readonly train: ArrayPart;
  readonly validation: ArrayPart;
  readonly test: ArrayPart;
}

/**
 * Batches over a table: x float32 [batch, ...inputShape], y int32 [batch].
 *
 * Each batch is two tensors made from fresh typed arrays, and nothing else is allocated on the backend. A shuffle is
 * drawn from the stream you pass, so it is the same on every backend; asking again with the same stream gives the same
 * order, so pass another child each epoch.
 *
 * @throws FlatminError DATA_INVALID from `batches` for a batch size that is no positive integer, from `pick` for an
 *   index that is no row.
 * @example
 * ```ts
 * const part = arrayPart(rows);
 * for await (const { x, y } of part.batches({ batchSize: 64, shuffle: random.at('epoch').at(3) })) {
 *   // train on x and y
 *   tf.dispose([x, y]);
 * }
 * ```
 */
export function arrayPart(source: Table): ArrayPart {
  const size = source.labels.length;
  const pick = (indices: ArrayLike<number>): Batch => batchOf(selectRows(source, indices));
  return {
    size,
    table: source,
    pick,
    all: () => batchOf({ ...source, features: source.features.slice(), labels: source.labels.slice() }),
    batches: (options) => {
      // Checked here, not in the generator, so that the mistake shows at the call and not at the first batch.
      const { batchSize } = options;
      if (!Number.isInteger(batchSize) || batchSize < 1)
        refuse(`batchSize is ${show(batchSize)}`, 'Give a positive integer.');
      return generateBatches(size, options, pick);
    },
  };
}

async function* generateBatches(
  size: number,
  { batchSize, shuffle, dropRemainder = false }: BatchOptions,
  pick: (indices: ArrayLike<number>) => Batch,
): AsyncGenerator<Batch, void, undefined> {
  const order = shuffle?.permutation(size) ?? Uint32Array.from({ length: size }, (_, i) => i);
  const end = dropRemainder ? size - (size % batchSize) : size;
  for (let start = 0; start < end; start += batchSize) yield pick(order.subarray(start, start + batchSize));
}

/** Hands the arrays over to the tensors: some backends keep them without a copy, so they must belong to nobody else. */
function batchOf({ features, labels, inputShape }: Table): Batch {
  return {
    x: tf.tensor(features, [labels.length, ...inputShape], 'float32'),
    y: tf.tensor1d(labels, 'int32'),
  };
}

/**
 * A data set from three tables of one shape.
 *
 * @example
 * ```ts
 * const data = arrayDataSet('my-data', splitBySeed(rows, { validation: 0.1, test: 0.2, seed: 1 }));
 * ```
 */
export function arrayDataSet(id: string, split: TableSplit): ArrayDataSet {
  const { inputShape, classes } = split.train;
  return {
    id,
    task: 'classification',
    inputShape,
    classes,
    train: arrayPart(split.train),
    validation: arrayPart(split.validation),
    test: arrayPart(split.test),
  };
}
