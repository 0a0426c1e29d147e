import { type DataPart, type SequencePairDataSet, specialTokens, type Vocabulary } from '@flatmin/core/plugin';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import { type RecordSource, recordsOf } from '../source/source.js';
import type { Parts } from '../split/parts.js';
import { streamPart, type TensorValues } from '../stream/streamPart.js';
import { textDefaults } from './textSchema.js';
import { countTokens, type VocabularyOptions, vocabularyOfCounts } from './vocabulary.js';

/** Tokens of a source and of its target. */
export interface TokenPair {
  readonly source: readonly string[];
  readonly target: readonly string[];
}

export interface SequencePairOptions {
  readonly id: string;
  readonly parts: Parts<RecordSource<TokenPair>>;
  /** Of the source's vocabulary and of the target's; default all tokens. */
  readonly vocabulary?: VocabularyOptions;
  /** Batches are padded to a multiple of this, in both lengths; default 8. */
  readonly lengthMultiple?: number | undefined;
}

/**
 * Pairs of sequences: x int32 [batch, longest source], y int32 [batch, longest target + 2], with each target between
 * `begin` (1) and `end` (2), both padded with 0. A batch is as long as its own longest, rounded up to `lengthMultiple`.
 *
 * The vocabularies are those of the train part. Reads all parts once, for them and for the longest source, and holds
 * the count of each different token meanwhile; later it holds the vocabularies and what the parts state.
 */
export async function sequencePairDataSet(options: SequencePairOptions): Promise<SequencePairDataSet> {
  const { id, parts, lengthMultiple = textDefaults.lengthMultiple } = options;
  const counts = { source: new Map<string, number>(), target: new Map<string, number>() };
  let longest = 1;
  for (const [name, part] of Object.entries(parts)) {
    for await (const { source, target } of recordsOf(part)) {
      longest = Math.max(longest, source.length);
      if (name !== 'train') continue;
      countTokens(source, counts.source);
      countTokens(target, counts.target);
    }
  }
  const vocabulary = vocabularyOfCounts(counts.source, options.vocabulary);
  const targetVocabulary = vocabularyOfCounts(counts.target, options.vocabulary);
  const part = (source: RecordSource<TokenPair>): DataPart<Tensor2D> =>
    streamPart<TokenPair, Tensor2D>({
      source,
      assemble: (pairs) => ({
        x: padded(pairs.map((pair) => idsOf(vocabulary, pair.source)), lengthMultiple), // prettier-ignore
        y: padded(
          pairs.map((pair) => [specialTokens.begin, ...idsOf(targetVocabulary, pair.target), specialTokens.end]),
          lengthMultiple,
        ),
      }),
    });
  return {
    id,
    task: 'sequence-to-sequence',
    inputShape: [longest],
    classes: targetVocabulary.size,
    vocabulary,
    targetVocabulary,
    train: part(parts.train),
    validation: part(parts.validation),
    test: part(parts.test),
  };
}

function idsOf(vocabulary: Vocabulary, tokens: readonly string[]): readonly number[] {
  return tokens.map((token) => vocabulary.idOf(token));
}

function padded(rows: readonly (readonly number[])[], multiple: number): TensorValues {
  const longest = rows.reduce((most, row) => Math.max(most, row.length), 1);
  const length = multiple * Math.ceil(longest / multiple);
  const values = new Int32Array(rows.length * length);
  rows.forEach((row, i) => values.set(row, i * length));
  return { values, shape: [rows.length, length] };
}
