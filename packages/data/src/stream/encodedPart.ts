import type { RandomStream } from '@flatmin/core';
import type { DataPart } from '@flatmin/core/plugin';
import type { Labels, LabelledSource } from '../source/labelledSource.js';
import { rowLength } from '../source/rowLength.js';
import { streamPart } from './streamPart.js';

/** How a record becomes the values of x. */
export interface Encoding<R> {
  readonly inputShape: readonly number[];
  readonly dtype: 'float32' | 'int32';
  /** Writes the values of one record into `into`, which has the product of `inputShape` zeros. */
  readonly encode: (record: R, into: Float32Array | Int32Array, example?: EncodedExample) => void;
}

/** Which record is encoded. */
export interface EncodedExample {
  /** Its place in the source. */
  readonly index: number;
  /** Its own random stream of this epoch, in a part that augments and is shuffled. */
  readonly random?: RandomStream | undefined;
}

export interface EncodedPartOptions {
  /** True gives the encoding a random stream for each example; default false. */
  readonly augments?: boolean | undefined;
  /** As in {@link streamPart}. */
  readonly prefetch?: number | undefined;
}

/**
 * A part of labeled records that are encoded as they are used: x [batch, ...inputShape], y int32 or float32 [batch],
 * depending on the labels. It holds what {@link streamPart} states.
 */
export function encodedPart<R, L extends Labels>(
  source: LabelledSource<R, L>,
  encoding: Encoding<R>,
  { augments = false, prefetch }: EncodedPartOptions = {},
): DataPart {
  const { inputShape, dtype, encode } = encoding;
  const length = rowLength(inputShape);
  return streamPart({
    source,
    prefetch,
    assemble: (records, indices, random) => {
      const values = new (dtype === 'float32' ? Float32Array : Int32Array)(records.length * length);
      const augmentation = augments ? random?.at('augment') : undefined;
      records.forEach((record, i) => {
        const index = indices[i] as number;
        encode(record, values.subarray(i * length, (i + 1) * length), { index, random: augmentation?.at(index) });
      });
      const { labels } = source;
      const targets = new (isInt32(labels) ? Int32Array : Float32Array)(indices.length);
      for (let i = 0; i < indices.length; i++) targets[i] = labels[indices[i] as number] as number;
      return {
        x: { values, shape: [records.length, ...inputShape] },
        y: { values: targets, shape: [records.length] },
      };
    },
  });
}

/** By the brand, not `instanceof`: arrays may come from another realm. */
function isInt32(labels: Labels): boolean {
  return Object.prototype.toString.call(labels) === '[object Int32Array]';
}
