import { specialTokens, type Vocabulary } from '@flatmin/core/plugin';

/** How the special tokens are written in listings and decoded text. */
const specials = ['<pad>', '<s>', '</s>', '<unk>'] as const;

export interface VocabularyOptions {
  /** Ids in all, the four special ones included; the rarest tokens become unknown. Default: all. */
  readonly size?: number;
  /** Tokens seen less often become unknown; default 1. */
  readonly minCount?: number;
}

/**
 * The ids of the tokens of some text: padding 0, begin 1, end 2, unknown 3, then by descending count, with ties in the
 * order of code units. Build it from the train part alone. A token that is written like a special one gets the special
 * id.
 *
 * @example
 * ```ts
 * const words = vocabulary(['a', 'b', 'a']);
 * words.idOf('a'); // 4
 * words.idOf('c'); // 3, unknown
 * ```
 */
export function vocabulary(tokens: Iterable<string>, options: VocabularyOptions = {}): Vocabulary {
  const counts = new Map<string, number>();
  countTokens(tokens, counts);
  return vocabularyOfCounts(counts, options);
}

/** Adds to `counts` how often each token comes: for text that comes piece by piece. */
export function countTokens(tokens: Iterable<string>, counts: Map<string, number>): void {
  for (const token of tokens) counts.set(token, (counts.get(token) ?? 0) + 1);
}

/** The {@link vocabulary} of tokens that have been counted. */
export function vocabularyOfCounts(
  counts: ReadonlyMap<string, number>,
  { size = Infinity, minCount = 1 }: VocabularyOptions = {},
): Vocabulary {
  const kept = [...counts]
    .filter(([token, count]) => count >= minCount && !(specials as readonly string[]).includes(token))
    .sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
    .slice(0, Math.max(0, size - specials.length))
    .map(([token]) => token);
  const all = [...specials, ...kept];
  const ids = new Map(all.map((token, id) => [token, id]));
  return {
    size: all.length,
    tokens: all,
    idOf: (token) => ids.get(token) ?? specialTokens.unknown,
  };
}
