/** A mean of random values, and how sure it is. */
export interface Estimate {
  readonly mean: number;
  /** Of the mean; NaN for one value. */
  readonly standardError: number;
}

export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

export function estimateOf(values: readonly number[]): Estimate {
  const { length } = values;
  const mean = sum(values) / length;
  const squares = sum(values.map((value) => (value - mean) ** 2));
  return { mean, standardError: length < 2 ? NaN : Math.sqrt(squares / (length - 1) / length) };
}
