import type { DataPart, UnlabelledExamples } from '@flatmin/core';
import type * as tf from '@tensorflow/tfjs-core';
import { encodedPart, type Encoding } from '../stream/encodedPart.js';
import type { RecordSource } from '../source/source.js';

/** Records of a file that is no part of the data set, and what tells them apart. */
export interface OtherRecords<R> extends RecordSource<R> {
  nameOf(index: number): string;
}

/** Opens such records: a file or a folder. */
export type OpenOthers<R> = (place: string) => Promise<OtherRecords<R>>;

/** Records without targets under the encoding of a data set. */
export function unlabelledExamples<R>(source: OtherRecords<R>, encoding: Encoding<R>): UnlabelledExamples {
  return inputsOnly(source, encodedPart({ ...source, labels: new Int32Array(source.size) }, encoding));
}

/** The examples of a part whose targets mean nothing. */
export function inputsOnly(source: Pick<OtherRecords<unknown>, 'size' | 'nameOf'>, part: DataPart): UnlabelledExamples {
  return {
    size: source.size,
    nameOf: (index) => source.nameOf(index),
    batches: ({ batchSize }) => inputsOf(part, batchSize),
  };
}

async function* inputsOf(part: DataPart, batchSize: number): AsyncGenerator<tf.Tensor> {
  for await (const { x, y } of part.batches({ batchSize })) {
    y.dispose();
    yield x;
  }
}
