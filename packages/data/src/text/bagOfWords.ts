import { specialTokens, type Vocabulary } from '@flatmin/core/plugin';

export const bagWeights = ['tf-idf', 'count', 'binary'] as const;
/** The value of a word in a bag: its weight by rarity, how often it occurs, or whether it occurs. */
export type BagWeight = (typeof bagWeights)[number];

const firstWord = specialTokens.unknown + 1;

export interface BagOfWords {
  /** Values of one bag: the vocabulary without its special tokens. */
  readonly size: number;
  readonly words: readonly string[];
  /** Adds the bag of some tokens to `into`, which has `size` zeros. Unknown words are in no bag. */
  fill(tokens: Iterable<string>, into: Float32Array | Int32Array): void;
}

/**
 * Bags of words: value i belongs to word i of the vocabulary, the special tokens left out.
 *
 * - `count`: n_w, how often word w occurs.
 * - `binary`: 1 if it occurs.
 * - `tf-idf`: n_w (1 + ln((1 + N) / (1 + N_w))), divided by the Euclidean norm of the bag; N_w of the N documents
 *   contain the word. These are scikit-learn's defaults (`smooth_idf`, `norm='l2'`).
 *
 * @param documents N and, by word, N_w, of the train part; used by tf-idf alone.
 */
export function bagOfWords(
  vocabulary: Vocabulary,
  weight: BagWeight,
  documents: { readonly count: number; readonly with: ReadonlyMap<string, number> },
): BagOfWords {
  const words = vocabulary.tokens.slice(firstWord);
  const rarity = Float64Array.from(words, (word) =>
    weight === 'tf-idf' ? 1 + Math.log((1 + documents.count) / (1 + (documents.with.get(word) ?? 0))) : 1,
  );
  return {
    size: words.length,
    words,
    fill: (tokens, into) => {
      for (const token of tokens) {
        const place = vocabulary.idOf(token) - firstWord;
        if (place < 0) continue;
        if (weight === 'binary') into[place] = 1;
        else into[place]! += 1;
      }
      if (weight === 'tf-idf') normalize(into, rarity);
    },
  };
}

function normalize(bag: Float32Array | Int32Array, rarity: Float64Array): void {
  let squares = 0;
  for (let i = 0; i < bag.length; i++) {
    if (bag[i] === 0) continue;
    bag[i]! *= rarity[i] as number;
    squares += (bag[i] as number) ** 2;
  }
  if (squares === 0) return;
  const scale = 1 / Math.sqrt(squares);
  for (let i = 0; i < bag.length; i++) if (bag[i] !== 0) bag[i]! *= scale;
}
