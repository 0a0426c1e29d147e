import { tTest } from './tTest.js';

/** Fewer pairs than this leave the t test to the assumption that differences are normal, and nothing to check it by. */
export const leastPairsOfT = 6;

export interface PairedTest {
  readonly name: 't' | 'signed-rank';
  /** Two-sided. */
  readonly p: number;
}

/**
 * Tests whether paired differences have a center other than 0.
 *
 * Six or more that vary: Student's t test of their mean. Fewer, or all the same (a variance of 0, for which there is no
 * t): the exact signed-rank test. Undefined for one pair.
 *
 * @param differences a - b of each pair.
 * @param scale the largest of |a| and |b|: differences below its rounding count as 0.
 */
export function pairedTest(differences: readonly number[], scale: number): PairedTest | undefined {
  if (differences.length < 2) return undefined;
  const rounded = differences.map((difference) => withoutRounding(difference, scale));
  const varies = rounded.some((difference) => difference !== rounded[0]);
  return differences.length >= leastPairsOfT && varies
    ? { name: 't', p: tTest(differences).pValue }
    : { name: 'signed-rank', p: signedRankP(rounded) };
}

/** 0.9 - 0.8 and 0.8 - 0.7 are the same difference, and 0.1 + 0.2 - 0.3 is none. */
function withoutRounding(difference: number, scale: number): number {
  return scale === 0 ? difference : Math.round(difference / scale / 1e-12);
}

/**
 * The exact two-sided p of Wilcoxon's signed-rank test: T is the sum of the ranks of |d| over d > 0, and p the share of
 * the 2^n choices of signs whose T is as far from its mean as this one. Differences of 0 are dropped; equal |d| have
 * the mean of their ranks. Without a difference p is 1.
 *
 * Wilcoxon 1945, Individual comparisons by ranking methods, Biometrics Bulletin 1. The smallest p is 2 / 2^n: 0.0625 at
 * five, so that nothing is told apart by fewer than six. `@stdlib/stats-wilcoxon` is a normal approximation as soon as
 * there are ties or zeros, which at these n is a guess.
 */
export function signedRankP(differences: readonly number[]): number {
  const kept = differences.filter((difference) => difference !== 0);
  // Twice the ranks: whole numbers, where ranks are shared too.
  const ranks = kept.map((difference) => {
    const below = kept.filter((other) => Math.abs(other) < Math.abs(difference)).length;
    const upTo = kept.filter((other) => Math.abs(other) <= Math.abs(difference)).length;
    return below + 1 + upTo;
  });
  const total = ranks.reduce((sum, rank) => sum + rank, 0);
  const found = ranks.reduce((sum, rank, i) => sum + ((kept[i] as number) > 0 ? rank : 0), 0);
  // How probable each sum is: every rank is in it with probability 1/2.
  let probabilities = [1, ...new Array<number>(total).fill(0)];
  for (const rank of ranks) {
    const before = probabilities;
    probabilities = before.map((p, sum) => (p + (before[sum - rank] ?? 0)) / 2);
  }
  const distance = Math.abs(2 * found - total);
  return Math.min(
    1,
    probabilities.reduce((p, each, sum) => (Math.abs(2 * sum - total) >= distance ? p + each : p), 0),
  );
}

/** The smallest p that the signed-rank test of so many pairs can give. */
export function leastP(pairs: number): number {
  return Math.min(1, 2 / 2 ** pairs);
}
