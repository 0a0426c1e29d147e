import type { DataPart, LanguageDataSet, Vocabulary } from '@flatmin/core/plugin';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import type { Parts } from '../split/parts.js';
import { streamPart } from '../stream/streamPart.js';
import { refuse } from '../errors/refuse.js';
import { vocabulary } from './vocabulary.js';
import { textDefaults, type VocabularyChoice } from './textSchema.js';

export interface LanguageDataSetOptions {
  readonly id: string;
  /** Running text of each part, as tokens. Iterated twice for train, once for the others. */
  readonly parts: Parts<Iterable<string>>;
  /** Ids of a window; default 32. */
  readonly length?: number | undefined;
  readonly choice?: VocabularyChoice | undefined;
}

/** Ids of a window, where nothing else is said. */
export const windowLength = 32;

/**
 * Running text as windows of `length` ids: x int32 [batch, length], y the id that follows each.
 *
 * A part of n tokens has floor((n - 1) / length) windows that do not overlap; the remaining tokens are left out. Ids
 * are kept in memory, 4 bytes per token. The vocabulary is that of the train part.
 *
 * @throws FlatminError DATA_INVALID if train is shorter than one window.
 */
export function languageDataSet(options: LanguageDataSetOptions): LanguageDataSet {
  const { id, parts, length = windowLength, choice = {} } = options;
  const { vocabularySize: size = textDefaults.vocabularySize, minCount = textDefaults.minCount } = choice;
  const words = vocabulary(parts.train, { size, minCount });
  const train = windows(parts.train, words, length);
  if (train.size === 0) refuse(`${id}: train has no window of ${length} tokens`, 'Lower length, or give more text.');
  return {
    id,
    task: 'language-modelling',
    inputShape: [length],
    classes: words.size,
    vocabulary: words,
    train,
    validation: windows(parts.validation, words, length),
    test: windows(parts.test, words, length),
  };
}

function windows(tokens: Iterable<string>, words: Vocabulary, length: number): DataPart<Tensor2D> {
  const ids = Int32Array.from(tokens, (token) => words.idOf(token));
  const size = Math.max(0, Math.floor((ids.length - 1) / length));
  return streamPart<number, Tensor2D>({
    source: { size, read: (indices) => Array.from(indices) },
    assemble: (indices) => {
      const [x, y] = [new Int32Array(indices.length * length), new Int32Array(indices.length * length)];
      indices.forEach((index, i) => {
        x.set(ids.subarray(index * length, (index + 1) * length), i * length);
        y.set(ids.subarray(index * length + 1, (index + 1) * length + 1), i * length);
      });
      const shape = [indices.length, length];
      return { x: { values: x, shape }, y: { values: y, shape } };
    },
  });
}
