import type { ProblemList } from '@flatmin/core/internal';
import { isEqual } from './axes.js';
import type { CompareConfig } from './compareConfig.js';
import type { Axis, Coordinate } from './grid.js';

type Exclusions = CompareConfig['exclude'];

/** What an exclusion may name. */
interface Grounds {
  readonly methods: readonly string[];
  readonly seeds: readonly number[];
  readonly axes: readonly Pick<Axis, 'path' | 'values'>[];
}

/** Whether a run is one that an entry of `exclude` names: all that the entry says is true of it. */
export function isExcluded(
  entry: Exclusions[number],
  at: readonly Coordinate[],
  method: string,
  seed: number,
): boolean {
  return Object.entries(entry).every(([path, value]) => {
    if (path === 'method') return value === method;
    if (path === 'seed') return value === seed;
    const here = at.find((coordinate) => coordinate.path === path)?.value;
    return here !== undefined && (isEqual(here.value, value) || here.label === value);
  });
}

/** What is excluded has to be there: a slip of the pen would exclude nothing, and be run. */
export function checkExclude(exclude: Exclusions, grounds: Grounds, problems: ProblemList): void {
  exclude.forEach((entry, i) => {
    for (const [path, value] of Object.entries(entry)) {
      const known = valuesOf(path, grounds);
      if (known?.some((each) => isEqual(each, value)) === true) continue;
      const remedy =
        known === undefined
          ? 'Give a swept path, "method" or "seed".'
          : `Values: ${known.map((each) => JSON.stringify(each)).join(', ')}.`;
      problems.add(`exclude.${i}.${path}`, value, 'excludes nothing', remedy);
    }
  });
}

/** Values, and what they are called; undefined where there is no such path. */
function valuesOf(path: string, { methods, seeds, axes }: Grounds): readonly unknown[] | undefined {
  if (path === 'method') return methods;
  if (path === 'seed') return seeds;
  return axes.find((axis) => axis.path === path)?.values.flatMap(({ label, value }) => [value, label]);
}
