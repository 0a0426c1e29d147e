import { extremesOf } from '../statistics/estimate.js';

export interface FocusRow {
  readonly name: string;
  /** Of each seed; not empty. */
  readonly values: readonly number[];
}

export interface Focus {
  /** Rows that the axis is made for. */
  readonly inside: ReadonlySet<string>;
  readonly outside: readonly string[];
}

/** Times the range of most rows that others must be away to be outside. */
const far = 3;

/**
 * Which rows an axis is made for. A few that lie far from all others (one that failed, at 0.1 beside 0.7) are outside:
 * between them and the others is a gap of more than three times the range that the others, with all their seeds, have.
 */
export function focusOf(rows: readonly FocusRow[]): Focus {
  const sorted = rows
    .map(({ name, values }) => ({ name, ...extremesOf(values) }))
    .sort((a, b) => a.least + a.greatest - b.least - b.greatest);
  // Again at the low end: what was far at the high one may have hidden it.
  const kept = withoutFar(withoutFar(withoutFar(sorted, 'low'), 'high'), 'low');
  const inside = new Set(kept.map(({ name }) => name));
  return { inside, outside: rows.map(({ name }) => name).filter((name) => !inside.has(name)) };
}

type Range = { readonly name: string } & ReturnType<typeof extremesOf>;

/** @param sorted from low to high. */
function withoutFar(sorted: readonly Range[], end: 'low' | 'high'): readonly Range[] {
  const most = Math.ceil(sorted.length / 2) - 1;
  for (let count = most; count > 0; count -= 1) {
    const others = end === 'low' ? sorted.slice(count) : sorted.slice(0, -count);
    const away = end === 'low' ? sorted.slice(0, count) : sorted.slice(-count);
    const [range, there] = [rangeOf(others), rangeOf(away)];
    const gap = end === 'low' ? range.least - there.greatest : there.least - range.greatest;
    const size = Math.max(range.greatest - range.least, 1e-3 * Math.abs(range.greatest));
    if (gap > far * size) return others;
  }
  return sorted;
}

function rangeOf(rows: readonly Range[]): ReturnType<typeof extremesOf> {
  return extremesOf(rows.flatMap(({ least, greatest }) => [least, greatest]));
}

/** An axis for some values, with a little room on both sides. */
export function domainOf(values: readonly number[]): [number, number] {
  const { least, greatest } = extremesOf(values);
  const room = greatest > least ? 0.05 * (greatest - least) : 0.05 * Math.abs(greatest) || 0.5;
  return [least - room, greatest + room];
}
