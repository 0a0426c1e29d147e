import { FlatminError } from '@flatmin/core';
import { splitBySpaces, tokenize13a } from './tokenize13a.js';

/** Orders of n-grams: 1 to 4. */
const orders = [1, 2, 3, 4] as const;

export interface BleuOptions {
  /** `'13a'` (default) for plain text, as WMT cuts it; `'none'` for what is tokenized: tokens are what spaces part. */
  readonly tokenize?: '13a' | 'none' | undefined;
}

/** BLEU of a corpus and what it is made of; arrays by n, 1 to 4. */
export interface Bleu {
  /** From 0 to 100. */
  readonly score: number;
  /** n-grams of the hypotheses that are in their references, counted as often as there, and all of them. */
  readonly matches: readonly number[];
  readonly totals: readonly number[];
  /** Matches over totals in percent, those of no match smoothed. */
  readonly precisions: readonly number[];
  readonly brevityPenalty: number;
  /** Tokens of the hypotheses, and of the references closest to each in length. */
  readonly hypothesisLength: number;
  readonly referenceLength: number;
}

/**
 * BLEU of a corpus (Papineni et al. 2002) as sacreBLEU defines it (Post 2018, arXiv:1804.08771), smoothing `exp`:
 * BP exp(mean of log p_n, n = 1 to 4), p_n the matched share of all n-grams of the corpus, and BP = exp(1 - r / h)
 * where the h tokens of the hypotheses are fewer than the r of the references. Of several references an n-gram counts
 * as often as in that which has it most, and the length is the closest, the shorter of two. The k-th order without a
 * match counts 1 / 2^k matches. 0 where nothing matches, or where no hypothesis has four tokens.
 *
 * @param hypotheses one text for each example.
 * @param references one or several texts for each.
 * @throws FlatminError DATA_INVALID where there are not as many references, or none for an example.
 * @example
 * ```ts
 * corpusBleu(['The dog bit the man.'], [['The dog bit the man.', 'The dog had bit the man.']]).score; // 100
 * ```
 */
export function corpusBleu(
  hypotheses: readonly string[],
  references: readonly (string | readonly string[])[],
  { tokenize = '13a' }: BleuOptions = {},
): Bleu {
  if (hypotheses.length !== references.length) {
    throw new FlatminError(
      'DATA_INVALID',
      `BLEU: ${references.length} references for ${hypotheses.length} hypotheses. Give one, or an array of them, for each.`,
    );
  }
  const split = tokenize === '13a' ? tokenize13a : splitBySpaces;
  const total = { matches: orders.map(() => 0), totals: orders.map(() => 0), hypothesisLength: 0, referenceLength: 0 };
  hypotheses.forEach((hypothesis, i) => {
    const texts = [references[i] as string | readonly string[]].flat();
    if (texts.length === 0) {
      throw new FlatminError('DATA_INVALID', `BLEU: example ${i} has no reference. Give at least one for each.`);
    }
    count(total, split(hypothesis), texts.map(split)); // prettier-ignore
  });
  return bleuOfCounts(total);
}

type Counts = Pick<Bleu, 'matches' | 'totals' | 'hypothesisLength' | 'referenceLength'>;

/** BLEU by its counts, as {@link corpusBleu} sums them up. */
export function bleuOfCounts(counts: Counts): Bleu {
  const { matches, totals, hypothesisLength, referenceLength } = counts;
  const brevityPenalty =
    hypothesisLength >= referenceLength
      ? 1
      : hypothesisLength > 0
        ? Math.exp(1 - referenceLength / hypothesisLength)
        : 0;
  if (matches.every((each) => each === 0))
    return { ...counts, score: 0, precisions: orders.map(() => 0), brevityPenalty };
  let share = 1;
  const precisions = matches.map((matched, i) => {
    const all = totals[i] as number;
    if (all === 0) return 0;
    return (100 * (matched === 0 ? (share /= 2) : matched)) / all;
  });
  const logarithms = precisions.reduce((sum, precision) => sum + Math.log(precision), 0);
  return { ...counts, score: brevityPenalty * Math.exp(logarithms / orders.length), precisions, brevityPenalty };
}

interface Sums {
  readonly matches: number[];
  readonly totals: number[];
  hypothesisLength: number;
  referenceLength: number;
}

function count(sums: Sums, hypothesis: readonly string[], references: readonly (readonly string[])[]): void {
  sums.hypothesisLength += hypothesis.length;
  sums.referenceLength += closest(references.map(({ length }) => length), hypothesis.length); // prettier-ignore
  orders.forEach((n, i) => {
    const limits = references.map((reference) => nGrams(reference, n));
    for (const [gram, times] of nGrams(hypothesis, n)) {
      sums.totals[i] = (sums.totals[i] as number) + times;
      const limit = Math.max(...limits.map((counts) => counts.get(gram) ?? 0));
      sums.matches[i] = (sums.matches[i] as number) + Math.min(times, limit);
    }
  });
}

function closest(lengths: readonly number[], to: number): number {
  return lengths.reduce((best, length) => {
    const nearer = Math.abs(length - to) - Math.abs(best - to);
    return nearer < 0 || (nearer === 0 && length < best) ? length : best;
  });
}

/** How often each n-gram comes. No token has a space, so joined by spaces they differ. */
function nGrams(tokens: readonly string[], n: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let i = 0; i + n <= tokens.length; i++) {
    const gram = tokens.slice(i, i + n).join(' ');
    counts.set(gram, (counts.get(gram) ?? 0) + 1);
  }
  return counts;
}
