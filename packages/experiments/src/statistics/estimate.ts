import { tTest } from './tTest.js';

/** What the values of several seeds say about their mean. */
export interface Estimate {
  readonly count: number;
  readonly mean: number;
  /** Standard error of the mean, sqrt(sum (x - mean)^2 / (n - 1) / n); absent for a single value. */
  readonly error?: number;
  /**
   * The 95 % interval of the mean by Student's t: mean -+ t(0.975; n - 1) error. Absent for a single value. It covers
   * runs whose seed is drawn at random; it does not show what other data would give.
   */
  readonly interval?: Interval;
  readonly least: number;
  readonly greatest: number;
}

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** Without a spread of arguments, of which a call takes some hundred thousand at most. */
export function extremesOf(values: readonly number[]): Pick<Estimate, 'least' | 'greatest'> {
  return values.reduce(
    ({ least, greatest }, value) => ({ least: Math.min(least, value), greatest: Math.max(greatest, value) }),
    { least: Infinity, greatest: -Infinity },
  );
}

export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** @param values at least one, all finite. */
export function estimateOf(values: readonly number[]): Estimate {
  const count = values.length;
  const { least, greatest } = extremesOf(values);
  // The mean of equal values is that value: a sum of them, divided, may be another one in its last bit.
  const mean = least === greatest ? least : meanOf(values);
  if (count < 2) return { count, mean, least, greatest };
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1);
  const error = Math.sqrt(variance / count);
  // Without a spread there is no t; the interval has no width.
  const [low, high] = error === 0 ? [mean, mean] : tTest(values).ci;
  return { count, mean, error, interval: { low, high }, least, greatest };
}
