import type { UnlabelledExamples } from '@flatmin/core/plugin';
import type * as tf from '@tensorflow/tfjs-core';
import type { RecordSource } from '../source/source.js';
import { encodedPart, type Encoding } from '../stream/encodedPart.js';

/** Records of a file that is not a part of the data set, and what identifies each. */
export interface OtherRecords<R> extends RecordSource<R> {
  nameOf(index: number): string;
}

/** Opens such records: a file or a folder. */
export type OpenOthers<R> = (place: string) => Promise<OtherRecords<R>>;

/** Records without targets under the encoding of a data set. */
export function unlabelledExamples<R>(
  source: OtherRecords<R>,
  encoding: Encoding<R>,
  prefetch?: number,
): UnlabelledExamples {
  // Targets that mean nothing, and go before anybody sees them.
  const part = encodedPart({ ...source, labels: new Int32Array(source.size) }, encoding, { prefetch });
  return {
    size: source.size,
    nameOf: (index) => source.nameOf(index),
    async *batches({ batchSize }): AsyncGenerator<tf.Tensor> {
      for await (const { x, y } of part.batches({ batchSize })) {
        y.dispose();
        yield x;
      }
    },
  };
}
