import type { Interval } from './estimate.js';
import type { ResultName } from './judged.js';

// How numbers are written for people, on the terminal, in the page and in sentences alike.

/** Three places; of an error in a large unit, which would be 0.000, three figures. */
export function figure(value: number): string {
  return value !== 0 && Math.abs(value) < 0.001 ? plain(value) : value.toFixed(3);
}

function plain(value: number): string {
  return String(Number(value.toPrecision(3)));
}

/** 1234.5 as `1,235`. */
export function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** p to two figures, and no smaller than can be meant. */
export function pText(p: number): string {
  if (p < 0.001) return '<0.001';
  return p < 0.1 ? String(Number(p.toPrecision(2))) : p.toFixed(2);
}

/** How many times the cost of the reference: `3`, `1.5`. */
export function times(ratio: number): string {
  return String(Number(ratio.toFixed(ratio < 10 ? 1 : 0)));
}

export function bytesText(bytes: number): string {
  return bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

/** Two figures, and never as a power of ten: readers compare these at a glance. */
export function radiusText(value: number): string {
  return value < 0.1 ? `${Number(value.toPrecision(2))}` : value.toFixed(2);
}

/** Differences of an accuracy are in points, hundredths; those of others in their unit. */
export function inUnit(difference: number, result: ResultName): number {
  return result === 'accuracy' ? 100 * difference : difference;
}

/** Places that show the width of an interval, where there is one, and the difference itself. */
function placesOf(value: number, interval: Interval | undefined, result: ResultName): number {
  const width = interval === undefined ? 0 : (interval.high - interval.low) / 2;
  // Differences that are the same but for their rounding have no width.
  const scale = width > 1e-9 * Math.abs(value) ? width : Math.abs(value);
  const least = result === 'accuracy' ? 1 : 2;
  return scale === 0 ? least : Math.min(6, Math.max(least, Math.ceil(-Math.log10(scale))));
}

export interface DifferenceText {
  /** Without a sign: `1.7`. */
  readonly size: string;
  /** With one: `+1.7`. */
  readonly signed: string;
  /** `0.9 to 2.5`; absent for one pair. */
  readonly interval?: string;
}

/** A difference and its interval, with as many places as they need. */
export function differenceText(
  { mean, interval }: { readonly mean: number; readonly interval?: Interval },
  result: ResultName,
): DifferenceText {
  const scaled = interval && { low: inUnit(interval.low, result), high: inUnit(interval.high, result) };
  const value = inUnit(mean, result);
  const places = placesOf(value, scaled, result);
  // Without the minus of a value that rounds to 0.
  const text = (number: number): string => number.toFixed(places).replace(/^-(0(?:\.0*)?)$/, '$1');
  const shown = text(value);
  return {
    size: text(Math.abs(value)),
    signed: shown.startsWith('-') || Number(shown) === 0 ? shown : `+${shown}`,
    ...(scaled && { interval: `${text(scaled.low)} to ${text(scaled.high)}` }),
  };
}

/** `a, b and c`. */
export function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}
