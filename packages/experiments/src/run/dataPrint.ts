import { RandomStream } from '@flatmin/core';
import { type DataPart, type DataSet, taskOf } from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';
import { createHash } from 'node:crypto';

/** Examples of each part that are looked at. */
const looked = 64;

/**
 * A data set in a few characters, so that a run is not gone on with, evaluated or used by other data: its sizes,
 * classes and vocabulary, and some prepared examples of each part. Whatever changes those changes it, such as another
 * mean of train; a change of single examples alone may not.
 */
export async function dataPrint(dataset: DataSet): Promise<string> {
  const hash = createHash('sha256');
  const { id, inputShape, classes, vocabulary } = dataset;
  hash.update(
    JSON.stringify({
      id,
      task: taskOf(dataset),
      inputShape,
      classes,
      classNames: 'classNames' in dataset ? dataset.classNames : undefined,
      targetScale: 'targetScale' in dataset ? dataset.targetScale : undefined,
      tokens: [vocabulary?.tokens, 'targetVocabulary' in dataset ? dataset.targetVocabulary.tokens : undefined],
    }),
  );
  const sizes: number[] = [];
  for (const name of ['train', 'validation', 'test'] as const) {
    const part = dataset[name] as DataPart<tf.Tensor>;
    sizes.push(part.size);
    // Train in its natural order: shuffled it may be augmented.
    const shuffle = name === 'train' ? undefined : new RandomStream(0).at('print');
    for await (const { x, y } of part.batches({ batchSize: looked, ...(shuffle && { shuffle }) })) {
      for (const tensor of [x, y]) {
        hash.update(JSON.stringify([tensor.dtype, tensor.shape])).update(Uint8Array.from(bytesOf(await tensor.data())));
      }
      tf.dispose([x, y]);
      break;
    }
  }
  return `${sizes.join(' + ')} examples, ${hash.digest('hex').slice(0, 12)}`;
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array | Int32Array | Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
