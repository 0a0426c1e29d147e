import { type Scores, specialTokens, type Vocabulary } from '@flatmin/core/plugin';
import {
  type DataColumn,
  labelledDataSet,
  type LabelledDataSet,
  type LabelTarget,
} from '../dataset/labelledDataSet.js';
import type { OpenOthers } from '../dataset/unlabelled.js';
import { refuse } from '../errors/refuse.js';
import type { Labels, LabelledSource } from '../source/labelledSource.js';
import { type RecordSource, recordsOf } from '../source/source.js';
import type { Parts } from '../split/parts.js';
import type { Encoding } from '../stream/encodedPart.js';
import { bagOfWords } from './bagOfWords.js';
import { type TextChoice, textDefaults } from './textSchema.js';
import { countTokens, vocabularyOfCounts } from './vocabulary.js';

/** The tokens of each text of an example: one text, or the two of a pair. */
export type Texts = readonly (readonly string[])[];

export interface TextDataSetOptions<L extends Labels, T extends LabelTarget> {
  readonly id: string;
  readonly target: T;
  /** The texts of each example; every example has the same number of texts. */
  readonly parts: Parts<LabelledSource<Texts, L>>;
  readonly choice?: TextChoice | undefined;
  /**
   * Of a regression: targets are (target - mean) / deviation, both of train, and the data set has a `targetScale`.
   * Default false.
   */
  readonly standardizeTargets?: boolean | undefined;
  /** For a table: how its columns are used. */
  readonly columns?: readonly DataColumn[] | undefined;
  /** Scores of the answers in addition to loss and accuracy. */
  readonly scores?: Scores | undefined;
  /** Opens texts of other files, without targets, for the data set's `unlabelled`. */
  readonly others?: OpenOthers<Texts> | undefined;
}

/**
 * Texts with a label each, as bags of words or as ids.
 *
 * - `bag`: x float32 [batch, texts x words], the bags of {@link bagOfWords} side by side, one for each text.
 * - `ids`: x int32 [batch, length], the ids of the texts in their order, `end` (2) between them, padding (0) behind. If
 *   the texts of an example are too long together, each keeps an equal share of the length, plus what others do not use
 *   of theirs.
 *
 * The vocabulary is that of the train part. Reads train once for it, and holds the count of each different word
 * meanwhile; later it holds the vocabulary and what the parts state.
 *
 * @throws FlatminError DATA_INVALID if train has no word, and what the sources throw.
 */
export async function textDataSet<L extends Labels, T extends LabelTarget>(
  options: TextDataSetOptions<L, T>,
): Promise<LabelledDataSet<T>> {
  const { id, target, parts, choice = {}, standardizeTargets, columns, scores, others } = options;
  const text = await textEncoding(id, parts.train, choice);
  return labelledDataSet({ id, target, parts, ...text, standardizeTargets, columns, scores, others });
}

/**
 * How texts become values, by the words of the train part: one encoding, and the names of its values, or the vocabulary
 * of its ids.
 */
export async function textEncoding(
  id: string,
  train: RecordSource<Texts>,
  choice: TextChoice,
): Promise<{
  readonly encoding: Encoding<Texts>;
  readonly featureNames?: readonly string[];
  readonly vocabulary?: Vocabulary;
}> {
  const { encoding = textDefaults.encoding } = choice;
  const counts = await countWords(train);
  const { vocabularySize: size = textDefaults.vocabularySize, minCount = textDefaults.minCount } = choice;
  const vocabulary = vocabularyOfCounts(counts.tokens, { size, minCount });
  if (vocabulary.size === 4)
    refuse(`${id}: no word of train is in the vocabulary`, 'Lower minCount, or check the text.');
  if (encoding === 'ids') return { encoding: idEncoding(vocabulary, choice), vocabulary };
  const bags = bagEncoding(vocabulary, counts, choice);
  return { encoding: bags, featureNames: bags.names };
}

interface Counts {
  readonly tokens: Map<string, number>;
  /** Examples that have the word. */
  readonly documents: Map<string, number>;
  readonly examples: number;
  readonly texts: number;
}

async function countWords(train: RecordSource<Texts>): Promise<Counts> {
  const [tokens, documents] = [new Map<string, number>(), new Map<string, number>()];
  let texts = 0;
  for await (const example of recordsOf(train)) {
    const all = example.flat();
    countTokens(all, tokens);
    countTokens(new Set(all), documents);
    texts = example.length;
  }
  return { tokens, documents, examples: train.size, texts };
}

function bagEncoding(
  vocabulary: Vocabulary,
  { documents, examples, texts }: Counts,
  { weight = textDefaults.weight }: TextChoice,
): Encoding<Texts> & { readonly names: readonly string[] } {
  const bag = bagOfWords(vocabulary, weight, { count: examples, with: documents });
  const { size, words } = bag;
  return {
    inputShape: [texts * size],
    dtype: 'float32',
    names:
      texts === 1 ? words : Array.from({ length: texts }, (_, i) => words.map((word) => `${i + 1}:${word}`)).flat(),
    encode: (example, into) =>
      example.forEach((tokens, i) => bag.fill(tokens, into.subarray(i * size, (i + 1) * size))),
  };
}

function idEncoding(vocabulary: Vocabulary, { length = textDefaults.length }: TextChoice): Encoding<Texts> {
  return {
    inputShape: [length],
    dtype: 'int32',
    encode: (example, into) => {
      let place = 0;
      sharesOf(
        example.map((tokens) => tokens.length),
        length - (example.length - 1),
      ).forEach((share, i) => {
        if (i > 0) into[place++] = specialTokens.end;
        for (const token of (example[i] ?? []).slice(0, share)) into[place++] = vocabulary.idOf(token);
      });
    },
  };
}

/** How many tokens each text keeps of `room`: shorter ones all, longer ones an equal part of the rest. */
export function sharesOf(lengths: readonly number[], room: number): readonly number[] {
  const shares = lengths.map(() => 0);
  let left = room;
  const byLength = lengths.map((_, i) => i).sort((a, b) => (lengths[a] as number) - (lengths[b] as number));
  byLength.forEach((text, done) => {
    const share = Math.min(lengths[text] as number, Math.floor(left / (lengths.length - done)));
    shares[text] = share;
    left -= share;
  });
  return shares;
}
