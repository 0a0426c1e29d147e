import type { DataPart } from '@flatmin/core';
import type { RecordSource } from '../source/source.js';
import type { Labels, LabelledSource } from '../split/splitExamples.js';
import { streamPart } from './streamPart.js';
import { rowLength } from '../source/table.js';

/** How a record becomes the values of x. */
export interface Encoding<R> {
  readonly inputShape: readonly number[];
  readonly dtype: 'float32' | 'int32';
  /** Writes the values of one record into `into`, which has the product of `inputShape` zeros. */
  readonly encode: (record: R, into: Float32Array | Int32Array) => void;
}

/**
 * A part of labelled records that are encoded as they are used: x [batch, ...inputShape], y int32 or float32 [batch] as the labels are.
 * It holds what {@link streamPart} states.
 */
export function encodedPart<R, L extends Labels>(source: LabelledSource<R, L>, encoding: Encoding<R>): DataPart {
  const { inputShape, dtype, encode } = encoding;
  const length = rowLength(inputShape);
  return streamPart({
    source,
    assemble: (records, indices) => {
      const values = new (dtype === 'float32' ? Float32Array : Int32Array)(records.length * length);
      records.forEach((record, i) => encode(record, values.subarray(i * length, (i + 1) * length)));
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

/** All records of a source in order, some hundred at a time. */
export async function* recordsOf<R>(source: RecordSource<R>): AsyncGenerator<R, void, undefined> {
  const step = 256;
  for (let start = 0; start < source.size; start += step) {
    const length = Math.min(step, source.size - start);
    yield* await source.read(Uint32Array.from({ length }, (_, i) => start + i));
  }
}
