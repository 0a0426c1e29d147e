import { createHash } from 'node:crypto';
import { RandomStream } from '@flatmin/core';
import type { DataPart, DataSet } from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';

const parts = ['train', 'validation', 'test'] as const;
/** Batches of a pass that are looked at, so that a large data set takes no longer than a small one. */
const mostBatches = 8;

/**
 * Condenses the order, the split and the values of a data set into twelve characters, for a test that notices when one
 * of them changes. It covers the sizes of the parts, and the first batches of each part in its own order and in two
 * shuffled orders with different batch sizes.
 *
 * @example
 * ```ts
 * expect(await digestOf(await mine({ seed: 1 }))).toBe('0c1f5a92b7d3'); // what it was when the test was written
 * ```
 */
export async function digestOf(dataset: DataSet): Promise<string> {
  const hash = createHash('sha256');
  for (const name of parts) {
    const part: DataPart<tf.Tensor> = dataset[name];
    hash.update(`${name} ${part.size}`);
    for (const options of [
      { batchSize: 16 },
      { batchSize: 16, shuffle: new RandomStream(5).at(1) },
      { batchSize: 5, shuffle: new RandomStream(5).at(2), dropRemainder: true },
    ]) {
      let batches = 0;
      for await (const { x, y } of part.batches(options)) {
        for (const tensor of [x, y]) {
          const { buffer, byteOffset, byteLength } = await tensor.data();
          hash
            .update(`${tensor.dtype} [${tensor.shape.join()}]`)
            .update(new Uint8Array(buffer, byteOffset, byteLength));
        }
        tf.dispose([x, y]);
        if (++batches === mostBatches) break;
      }
    }
  }
  return hash.digest('hex').slice(0, 12);
}
