import { RandomStream } from '@flatmin/core';
import type { ModelContext } from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';
import { shake, vocabularyOf } from '../../blocks/src/testing.fixture.js';
import { transformer, type Transformer, type TransformerOptions } from './transformer.js';

export function contextOf(from: number, to: number, random = new RandomStream(1)): ModelContext {
  const [vocabulary, targetVocabulary] = [vocabularyOf(from), vocabularyOf(to)];
  return { task: 'sequence-to-sequence', inputShape: [5], classes: to, vocabulary, targetVocabulary, random };
}

export const tiny = { width: 8, hidden: 6, heads: 2, encoderLayers: 2, decoderLayers: 2, dropout: 0 };

export const shaken = (
  options: TransformerOptions,
  context: ModelContext,
  scale?: number,
  seed?: number,
): Transformer => shake(transformer(options, context), scale, seed);

/** Sequences filled up with padding to the longest, or to `length`. */
export function ids(rows: readonly (readonly number[])[], length?: number): tf.Tensor2D {
  const longest = length ?? Math.max(...rows.map((row) => row.length));
  const filled = rows.map((row) => [...row, ...new Array<number>(longest - row.length).fill(0)]);
  return tf.tensor2d(filled, [rows.length, longest], 'int32');
}
