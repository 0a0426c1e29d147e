/** Steps of a scale of colors. */
export interface Levels {
  /** Where one step ends and the next begins, the least first: one fewer than there are steps. */
  readonly bounds: readonly number[];
  readonly isLogarithmic: boolean;
}

/** Times the 95th percentile above which values share the last color. */
const farAbove = 10;
/** Decades that a scale spans at most. */
const mostDecades = 6;
/** Times the least value from which on steps are logarithmic. */
const wide = 3;

/**
 * Steps of colors for values: even in the logarithm where they are positive and span much, as losses do, else even.
 * What is not finite has no say, and neither have a few values that are far above all others, so that no point spoils
 * the picture of the others.
 */
export function levelsOf(
  values: readonly number[],
  { steps = 12, mayBeLogarithmic = true }: { readonly steps?: number; readonly mayBeLogarithmic?: boolean } = {},
): Levels {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  const [first, last] = [sorted[0] ?? 0, sorted.at(-1) ?? 1];
  const usual = sorted[Math.floor(0.95 * (sorted.length - 1))] ?? 1;
  const high = usual > 0 ? Math.min(last, farAbove * usual) : last;
  const low = Math.max(first, high > 0 ? high * 10 ** -mostDecades : first);
  const isLogarithmic = mayBeLogarithmic && low > 0 && first >= 0 && high > wide * low;
  const at = (share: number): number => (isLogarithmic ? low * (high / low) ** share : low + (high - low) * share);
  const bounds = Array.from({ length: steps - 1 }, (_, i) => Number(at((i + 1) / steps).toPrecision(6)));
  return { bounds: [...new Set(bounds)], isLogarithmic };
}

/** The step of a value, from 0. */
export function stepOf(value: number, { bounds }: Levels): number {
  return bounds.filter((bound) => value >= bound).length;
}
