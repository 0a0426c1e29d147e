import { isGeometric, labeled, nameOfPoint, shortest } from '../grid/axes.js';
import type { Axis, Coordinate } from '../grid/grid.js';
import { differencesOf } from '../run/differences.js';

/** Something with a name and settings: equal ones are one place. */
export interface Placed {
  readonly name: string;
  readonly settings: Readonly<Record<string, unknown>>;
}

/** A place by a name that no other has. */
export interface Place {
  readonly name: string;
  readonly at: readonly Coordinate[];
}

export interface Places {
  /** In the order in which they were found. */
  readonly all: readonly Place[];
  /** What tells places of one name apart. */
  readonly axes: readonly Omit<Axis, 'of'>[];
  /** The place of the i-th. */
  of(i: number): Place;
  /** The first that is in the i-th place. */
  firstOf(i: number): number;
}

/** A setting that a config leaves out. */
const leftOut = 'default';

/**
 * Puts equal ones together, and names each by its name and by what of its settings differs from others of that name.
 */
export function placesOf(placed: readonly Placed[]): Places {
  const keys = placed.map((each) => JSON.stringify([each.name, sorted(each.settings)]));
  const distinct = [...new Set(keys)];
  const firsts = distinct.map((key) => keys.indexOf(key));
  const paths = new Map(placed.map(({ name }) => [name, [] as readonly string[]]));
  for (const name of paths.keys()) {
    const own = firsts.map((i) => placed[i] as Placed).filter((each) => each.name === name);
    // Against the first: what differs from anything differs from that, or that from it.
    const found = own.flatMap(({ settings }) => differencesOf(own[0]?.settings, settings).map(({ path }) => path));
    paths.set(name, whole([...new Set(found)]));
  }
  const all = [...new Set([...paths.values()].flat())];
  const axes = all.map((path): Omit<Axis, 'of'> => {
    const using = firsts.map((i) => placed[i] as Placed).filter(({ name }) => paths.get(name)?.includes(path) === true);
    const values = labeled(
      [
        ...new Map(
          using.map(({ settings }) => valueAt(settings, path)).map((value) => [JSON.stringify(value), value]),
        ).values(),
      ].sort(byNumber),
    );
    const isNumeric = values.every(({ value }) => typeof value === 'number');
    return {
      path,
      label: shortest(path, all),
      values,
      scale: isNumeric ? (isGeometric(values) ? 'log' : 'linear') : 'nominal',
    };
  });
  const places = firsts.map((i): Place => {
    const { name, settings } = placed[i] as Placed;
    const at = axes
      .filter(({ path }) => paths.get(name)?.includes(path) === true)
      .map(({ path, label, values }): Coordinate => {
        const value = valueAt(settings, path);
        return {
          path,
          label,
          value: values.find((each) => JSON.stringify(each.value) === JSON.stringify(value)) ?? {
            label: leftOut,
            value,
          },
        };
      });
    return { name: [name, nameOfPoint(at)].filter((text) => text !== '').join(', '), at };
  });
  const unlike = places.map((place, i) => {
    const before = places.slice(0, i).filter((other) => other.name === place.name).length;
    return before === 0 ? place : { ...place, name: `${place.name} (${before + 1})` };
  });
  return {
    all: unlike,
    axes,
    of: (i) => unlike[distinct.indexOf(keys[i] as string)] as Place,
    firstOf: (i) => firsts[i] as number,
  };
}

/** Where specs of other kinds stand, their options say nothing beside that. */
function whole(paths: readonly string[]): readonly string[] {
  const specs = paths
    .filter((path) => path === 'use' || path.endsWith('.use'))
    .map((path) => path.replace(/\.?use$/, ''));
  const within = (path: string): string | undefined => specs.find((spec) => path.startsWith(`${spec}.`));
  return [...new Set(paths.map((path) => within(path) ?? path))];
}

function valueAt(settings: unknown, path: string): unknown {
  const value = path
    .split('.')
    .reduce((inner: unknown, name) => (inner as Readonly<Record<string, unknown>> | undefined)?.[name], settings);
  return value ?? leftOut;
}

const byNumber = (a: unknown, b: unknown): number => (typeof a === 'number' && typeof b === 'number' ? a - b : 0);

/** With the fields of objects in the order of their names, so that equal settings have equal text. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, field]) => [name, sorted(field)]),
  );
}
