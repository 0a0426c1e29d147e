import { type ModelContext, RandomStream, type Vocabulary } from '@flatmin/core';
import * as tf from '@tensorflow/tfjs-core';
import { valuesOf } from '../../blocks/src/testing.fixture.js';
import { transformer, type Transformer, type TransformerOptions } from './transformer.js';

/** A vocabulary of so many tokens, of which nothing but their number counts. */
export const vocabularyOf = (size: number): Vocabulary => ({ size, tokens: [], idOf: () => 3 });

export function contextOf(from: number, to: number, random = new RandomStream(1)): ModelContext {
  const [vocabulary, targetVocabulary] = [vocabularyOf(from), vocabularyOf(to)];
  return { task: 'sequence-to-sequence', inputShape: [5], classes: to, vocabulary, targetVocabulary, random };
}

export const tiny = { width: 8, hidden: 6, heads: 2, encoderLayers: 2, decoderLayers: 2, dropout: 0 };

/** Each variable gets normal numbers of its own, gamma around 1: so that no part of the network is idle. */
export function shaken(options: TransformerOptions, context: ModelContext, scale = 0.4, seed = 0): Transformer {
  const model = transformer(options, context);
  model.variables.forEach((variable, i) =>
    tf.tidy(() => {
      const noise = tf.mul(new RandomStream(seed + i).normal(variable.shape), scale);
      variable.assign(variable.name.endsWith('gamma') ? tf.add(noise, 1) : noise);
    }),
  );
  return model;
}

export const valueOf =
  (model: Transformer) =>
  (name: string): number[] =>
    valuesOf(model.variables.find((variable) => variable.name.endsWith(name)) as tf.Variable);

/** Sequences filled up with padding to the longest, or to `length`. */
export function ids(rows: readonly (readonly number[])[], length?: number): tf.Tensor2D {
  const longest = length ?? Math.max(...rows.map((row) => row.length));
  const filled = rows.map((row) => [...row, ...new Array<number>(longest - row.length).fill(0)]);
  return tf.tensor2d(filled, [rows.length, longest], 'int32');
}
