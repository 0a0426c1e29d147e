import type { ProblemList } from '@flatmin/core/internal';
import { namesOf } from '../config/fields.js';
import type { AxisSpec, CompareConfig } from './compareConfig.js';
import { sweptSettings } from './compareConfig.js';
import type { Axis, AxisValue, Coordinate } from './grid.js';

/** An axis, and the names that its path is made of. */
export interface SweptAxis extends Axis {
  readonly names: readonly string[];
}

/** Axes that go together: one, or those of a `zip`. A point of it has a coordinate for each. */
export interface AxisGroup {
  readonly of: Axis['of'];
  readonly axes: readonly SweptAxis[];
  readonly points: readonly (readonly Coordinate[])[];
}

/** The swept paths with their values. What is wrong with them is noted. */
export function axesOf(config: CompareConfig, problems: ProblemList): readonly SweptAxis[] {
  const all = Object.keys(config.sweep).map((path) => namesOf(path, config));
  return Object.entries(config.sweep).flatMap(([path, given], i) => {
    const names = all[i] as readonly string[];
    const [first = '', second] = names;
    const isKnown =
      first === 'methods'
        ? second !== undefined && second in (config.methods ?? {})
        : [...sweptSettings, 'optimizer'].includes(first);
    if (!isKnown) {
      problems.add(`sweep.${path}`, given, 'is not a path that can be swept', remedyFor(first, config));
      return [];
    }
    const values = valuesOf(given);
    const isLog = !Array.isArray(given) && 'scale' in given && given.scale === 'log';
    if (isLog && !(given.from > 0 && given.to > 0)) {
      problems.add(
        `sweep.${path}`,
        given,
        'is a logarithmic range with an end at or below 0',
        'Give two positive ends.',
      );
      return [];
    }
    const isNumeric = values.every(({ value }) => typeof value === 'number');
    const scale = isLog ? 'log' : isNumeric ? (isGeometric(values) ? 'log' : 'linear') : 'nominal';
    const of = first === 'optimizer' || first === 'methods' ? 'rows' : 'tasks';
    return [{ path, names, label: shortest(path, beside(names, all)), values, scale, of }];
  });
}

function remedyFor(first: string, config: CompareConfig): string {
  if (first === 'seed' || first === 'seeds') return 'Give seeds as a list: "seeds": [0, 1, 2].';
  if (first === 'methods') return `Methods: ${Object.keys(config.methods ?? {}).join(', ') || 'none'}.`;
  return `A path begins with optimizer, methods, ${sweptSettings.filter((name) => name !== 'optimizer').join(', ')}.`;
}

/** The end of a path that none of the others has. */
export function shortest(path: string, paths: readonly string[]): string {
  const parts = path.split('.');
  for (let length = 1; length < parts.length; length++) {
    const end = parts.slice(-length).join('.');
    if (paths.every((other) => other === path || (other !== end && !other.endsWith(`.${end}`)))) return end;
  }
  return path;
}

/** The paths that may stand beside one in a name: options of another method never do. */
function beside(names: readonly string[], all: readonly (readonly string[])[]): readonly string[] {
  const methodOf = ([first, method]: readonly string[]): string | undefined =>
    first === 'methods' ? method : undefined;
  const own = methodOf(names);
  const together = all.filter((other) => own === undefined || [undefined, own].includes(methodOf(other)));
  return together.map((other) => other.join('.'));
}

function valuesOf(given: AxisSpec): readonly AxisValue[] {
  if (Array.isArray(given)) return labeled(given);
  if ('named' in given) return Object.entries(given.named).map(([label, value]) => ({ label, value }));
  const { from, to, steps, scale } = given;
  const at = (share: number): number => (scale === 'log' ? from * (to / from) ** share : from + share * (to - from));
  // Twelve digits: 0.1 and not 0.1 and a little, and the ends are as they were given.
  const value = (i: number): number =>
    i === 0 ? from : i === steps - 1 ? to : Number(at(i / (steps - 1)).toPrecision(12));
  return labeled(Array.from({ length: steps }, (_, i) => value(i)));
}

export function labeled(values: readonly unknown[]): readonly AxisValue[] {
  const rounded = values.map((value) => (typeof value === 'number' ? String(Number(value.toPrecision(4))) : ''));
  // Rounded where that still tells them apart.
  const isTold = new Set(rounded).size === values.length;
  return values.map((value, i) => ({ value, label: isTold && rounded[i] ? rounded[i] : textOf(value, values) }));
}

/** A value in a few characters: of specs and other objects, what tells them apart. */
function textOf(value: unknown, all: readonly unknown[]): string {
  if (!isFields(value)) return typeof value === 'string' ? value : JSON.stringify(value).replaceAll(',', ', ');
  const others = all.filter(isFields).filter((other) => other !== value);
  if (typeof value['use'] === 'string' && others.every(({ use }) => use !== value['use'])) return value['use'];
  const differing = Object.entries(value).filter(([name, field]) =>
    others.some((other) => !isEqual(other[name], field)),
  );
  const text = differing
    .map(([name, field]) => (name === 'use' ? String(field) : `${name} ${textOf(field, [])}`))
    .join(', ');
  return text || JSON.stringify(value);
}

/** Whether a logarithmic axis shows numbers better: they are positive, and each is about the same factor further. */
export function isGeometric(values: readonly AxisValue[]): boolean {
  const numbers = values.map(({ value }) => value as number).sort((a, b) => a - b);
  const [least = 0, greatest = 0] = [numbers[0], numbers.at(-1)];
  return numbers.length > 2 && least > 0 && greatest / least >= 10;
}

/** The axes in groups, those of a `zip` together. */
export function groupsOf(
  axes: readonly SweptAxis[],
  zip: CompareConfig['zip'],
  problems: ProblemList,
): readonly AxisGroup[] {
  const groups: AxisGroup[] = [];
  const zipped = new Set<string>();
  zip.forEach((paths, i) => {
    const found = paths.map((path) => axes.find((axis) => axis.path === path));
    const lacking = paths.filter((path, at) => found[at] === undefined || zipped.has(path));
    if (lacking.length > 0) {
      return problems.add(
        `zip.${i}`,
        lacking,
        'names a path that is not swept, or is in another zip',
        `Swept: ${axes.map(({ path }) => path).join(', ') || 'nothing'}.`,
      );
    }
    paths.forEach((path) => zipped.add(path));
    const together = found as SweptAxis[];
    const lengths = new Set(together.map(({ values }) => values.length));
    if (lengths.size > 1) {
      return problems.add(
        `zip.${i}`,
        together.map(({ values }) => values.length),
        'zips lists of different lengths',
        'Give every path the same number of values.',
      );
    }
    groups.push(groupOf(together));
  });
  for (const axis of axes) if (!zipped.has(axis.path)) groups.push(groupOf([axis]));
  for (const { axes: together, points } of groups) requireDistinct(together, points, problems);
  return groups;
}

function requireDistinct(
  axes: readonly SweptAxis[],
  points: readonly (readonly Coordinate[])[],
  problems: ProblemList,
): void {
  const seen = new Set<string>();
  const twice = points.find((point) => seen.size === seen.add(labelsOf(point)).size);
  if (twice === undefined) return;
  const values = twice.map(({ value }) => value.label).join(', ');
  problems.add(
    `sweep.${axes.map(({ path }) => path).join('+')}`,
    values,
    `has ${values} twice`,
    'Name each value once.',
  );
}

const labelsOf = (point: readonly Coordinate[]): string => JSON.stringify(point.map(({ value }) => value.label));

function groupOf(axes: readonly SweptAxis[]): AxisGroup {
  const points = (axes[0] as SweptAxis).values.map((_, i) =>
    axes.map(({ path, label, values }) => ({ path, label, value: values[i] as AxisValue })),
  );
  // Names need no more of a zip than tells its points apart.
  const told = axes.findIndex(
    (_, i) => new Set(points.map((point) => labelsOf(point.slice(0, i + 1)))).size === points.length,
  );
  const isSilent = (i: number): boolean => told >= 0 && i > told;
  return {
    axes,
    points: points.map((point) => point.map((each, i) => (isSilent(i) ? { ...each, isSilent: true } : each))),
    of: axes.some(({ of }) => of === 'tasks') ? 'tasks' : 'rows',
  };
}

/** Each point of each group with each of the others, the last changing fastest. */
export function combined(groups: readonly AxisGroup[]): readonly (readonly Coordinate[])[] {
  return groups.reduce<readonly (readonly Coordinate[])[]>(
    (all, { points }) => all.flatMap((before) => points.map((point) => [...before, ...point])),
    [[]],
  );
}

/** How many points that is, known before any is made. */
export function countOf(groups: readonly AxisGroup[]): number {
  return groups.reduce((count, { points }) => count * points.length, 1);
}

/** What tells a point from others, as names have it: `rho 0.05, hidden [100, 100]`. */
export function nameOfPoint(at: readonly Coordinate[]): string {
  return at
    .filter(({ isSilent }) => isSilent !== true)
    .map(({ label, path, value }) =>
      ['dataset', 'model', 'optimizer'].includes(path) ? value.label : `${label} ${value.label}`,
    )
    .join(', ');
}

export function isEqual(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function isFields(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
