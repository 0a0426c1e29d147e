import { riseOf, type Slice } from './slice.js';

/** By less than this share two rises are called alike. */
const alike = 0.1;
/** Shorter radii, in units of the direction, are not drawn: they would lie on the center. */
export const shortestDrawn = 0.01;

/** The slices of run A and run B in words, for those who do not see the curves, and for those who do. */
export function wordsOf(slices: readonly (Slice | undefined)[]): string {
  const names = slices.map((_, i) => 'AB'[i]!);
  const there = slices.flatMap((slice, i) => (slice === undefined ? [] : [{ slice, name: names[i]! }]));
  if (there.length === 0) return 'Nothing is measured yet.';
  const rises = there.map(({ name, slice }) => {
    const rise = riseOf(slice);
    if (!Number.isFinite(rise)) return `around ${name} (step ${slice.step}) it is not a finite number`;
    return `around ${name} (step ${slice.step}) it is ${Math.abs(rise).toFixed(3)} ${rise < 0 ? 'lower' : 'higher'}`;
  });
  const missing = names.filter((name) => there.every((each) => each.name !== name));
  const verdict = missing.length > 0 ? ` ${missing.join(' and ')} is not measured yet.` : ` ${flatter(there)}`;
  return `Halfway, at α = ±0.5, compared with its center, the loss: ${rises.join(', ')}.${verdict}${there.map(radius).join('')}`;
}

interface Named {
  readonly name: string;
  readonly slice: Slice;
}

function flatter(runs: readonly Named[]): string {
  const [a, b] = runs.map(({ slice }) => riseOf(slice)) as [number, number];
  if (!Number.isFinite(a) || !Number.isFinite(b)) return 'So the two cannot be compared.';
  if (Math.abs(a - b) <= alike * Math.max(Math.abs(a), Math.abs(b)))
    return 'Along this direction both are about equally flat.';
  return `Along this direction ${a < b ? 'A' : 'B'} is flatter.`;
}

function radius({ name, slice }: Named): string {
  if (slice.reach === null) return '';
  const units = slice.reach / slice.length;
  const how = units < shortestDrawn ? 'too short to be drawn' : 'the dashed lines';
  return ` The radius of ${name} is α = ±${units.toPrecision(2)}: ${how}.`;
}
