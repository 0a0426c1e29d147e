import type { RandomStream } from '@flatmin/core';
import type { Batch, BatchOptions, DataPart } from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';
import { checkCount } from '../errors/checks.js';
import { refuse } from '../errors/refuse.js';
import type { RecordSource, SequentialSource } from '../source/source.js';
import { prefetch } from './prefetch.js';
import { shuffleBuffer } from './shuffleBuffer.js';

/** The values of a future tensor: Float32Array becomes float32, Int32Array int32. The arrays are handed over. */
export interface TensorValues {
  readonly values: Float32Array | Int32Array;
  readonly shape: readonly number[];
}

/** The values of a future batch. */
export interface BatchValues {
  readonly x: TensorValues;
  readonly y: TensorValues;
}

export interface StreamPartOptions<R> {
  /** Where the records come from: by index, or in order. */
  readonly source: RecordSource<R> | SequentialSource<R>;
  /**
   * Makes the arrays of one batch out of its records. `indices` are their places in the source. `random` is the epoch's
   * stream, absent where nothing is shuffled; draw per example, `random.at(indices[i])`, so that order and batch size
   * do not matter.
   */
  readonly assemble: (
    records: readonly R[],
    indices: ArrayLike<number>,
    random: RandomStream | undefined,
  ) => BatchValues | Promise<BatchValues>;
  /** Batches made ahead while the consumer trains; default 2. */
  readonly prefetch?: number | undefined;
  /** Records held to shuffle a sequential source; default 10,000. A source read by index is shuffled as a whole. */
  readonly shuffleBuffer?: number | undefined;
}

/**
 * A part of a data set that is read as it is used, so that it may be larger than memory.
 *
 * It holds `prefetch + 2` batches of arrays (those read ahead, one being made, the consumer's), and either 4 bytes per
 * example for the order of a shuffled source with an index, or `shuffleBuffer` records of a source without one. Two
 * tensors are made for each batch when it is handed over; batches read ahead are plain arrays, so nothing leaks if a
 * loop ends early.
 *
 * @throws FlatminError DATA_INVALID from `batches` for a batch size that is not a positive integer; while iterating,
 *   what the source throws, or DATA_INVALID if it gives another number of records than its size.
 * @example
 * ```ts
 * const source = arraySource([1, 2, 3, 4]);
 * const part = streamPart({
 *   source,
 *   assemble: (records) => ({
 *     x: { values: Float32Array.from(records), shape: [records.length, 1] },
 *     y: { values: Int32Array.from(records, (value) => value % 2), shape: [records.length] },
 *   }),
 * });
 * for await (const { x, y } of part.batches({ batchSize: 2 })) tf.dispose([x, y]);
 * ```
 */
export function streamPart<R, Y extends tf.Tensor = tf.Tensor1D>(definition: StreamPartOptions<R>): DataPart<Y> {
  const { source, prefetch: ahead = 2, shuffleBuffer: capacity = 10_000 } = definition;
  checkCount('prefetch', ahead);
  checkCount('shuffleBuffer', capacity);
  return {
    size: source.size,
    batches: (options) => {
      // Here, not in the generator, so that the mistake shows at the call and not at the first batch.
      checkCount('batchSize', options.batchSize);
      const groups = 'read' in source ? byIndex(source, options) : inOrder(source, options, capacity);
      return toTensors<Y>(prefetch(assembled(groups, definition, options.shuffle), ahead));
    },
  };
}

/** Records of one batch and their places in the source. */
interface Group<R> {
  readonly records: readonly R[];
  readonly indices: Uint32Array;
}

async function* byIndex<R>(source: RecordSource<R>, options: BatchOptions): AsyncGenerator<Group<R>> {
  const { size } = source;
  const { batchSize, shuffle, dropRemainder = false } = options;
  const order = shuffle?.permutation(size);
  const end = dropRemainder ? size - (size % batchSize) : size;
  const opened = source.open?.();
  const reader = opened ?? source;
  try {
    for (let start = 0; start < end; start += batchSize) {
      const length = Math.min(batchSize, end - start);
      const indices = order?.slice(start, start + length) ?? Uint32Array.from({ length }, (_, i) => start + i);
      const records = await reader.read(indices);
      if (records.length !== length) {
        refuse(`the source gave ${records.length} of ${length} records`, 'read(indices) must give one for each index.');
      }
      yield { records, indices };
    }
  } finally {
    await opened?.close();
  }
}

async function* inOrder<R>(
  source: SequentialSource<R>,
  options: BatchOptions,
  capacity: number,
): AsyncGenerator<Group<R>> {
  const { batchSize, shuffle, dropRemainder = false } = options;
  const numbered = numberedRecords(source);
  const records = shuffle === undefined ? numbered : shuffleBuffer(numbered, capacity, shuffle);
  let group: { readonly index: number; readonly record: R }[] = [];
  const take = (): Group<R> => {
    const taken = group;
    group = [];
    return { records: taken.map(({ record }) => record), indices: Uint32Array.from(taken, ({ index }) => index) };
  };
  for await (const each of records) {
    group.push(each);
    if (group.length === batchSize) yield take();
  }
  if (group.length > 0 && !dropRemainder) yield take();
}

/** Numbers the records, and checks that there are as many as the source says: the number of steps was planned by it. */
async function* numberedRecords<R>(
  source: SequentialSource<R>,
): AsyncGenerator<{ readonly index: number; readonly record: R }> {
  let index = 0;
  for await (const record of source.records()) yield { index: index++, record };
  if (index !== source.size) {
    refuse(`the source gave ${index} records, its size is ${source.size}`, 'The file may have changed: open it again.');
  }
}

async function* assembled<R>(
  groups: AsyncIterable<Group<R>>,
  { assemble }: StreamPartOptions<R>,
  random: RandomStream | undefined,
): AsyncGenerator<BatchValues> {
  for await (const { records, indices } of groups) yield await assemble(records, indices, random);
}

async function* toTensors<Y extends tf.Tensor>(batches: AsyncIterable<BatchValues>): AsyncGenerator<Batch<Y>> {
  // The tidy frees x where y does not fit its shape.
  for await (const { x, y } of batches) yield tf.tidy(() => ({ x: tensorOf(x), y: tensorOf(y) as Y }));
}

function tensorOf({ values, shape }: TensorValues): tf.Tensor {
  // By the brand, not `instanceof`: arrays may come from a worker or another realm.
  const isInteger = Object.prototype.toString.call(values) === '[object Int32Array]';
  return tf.tensor(values, [...shape], isInteger ? 'int32' : 'float32');
}
