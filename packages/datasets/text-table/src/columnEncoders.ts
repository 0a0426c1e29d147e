import { FlatminError } from '@flatmin/core';
import type { DataColumn, Encoding, Texts } from '@flatmin/data';
import { type CellRules, isGap, requireNumber, type UsedCells } from './cells.js';
import { type ColumnProfile, mostCategories } from './columnProfile.js';
import { sortedNames } from './labelReader.js';

/** Values of x that a column gives. */
export interface ColumnEncoder {
  readonly names: readonly string[];
  readonly column: DataColumn;
  /**
   * Writes the values of a row, as many as there are names, over zeros. Throws where the cell is none of the column's
   * kind.
   */
  readonly write: (row: UsedCells, into: Float32Array) => void;
}

/**
 * (x - mean) / deviation, both of train; a gap is the mean, and is marked by a value of its own where train has gaps.
 */
export function numberEncoder(
  place: number,
  profile: ColumnProfile,
  rules: CellRules,
  standardize: boolean,
): ColumnEncoder {
  const { name, gaps, present, moments } = profile;
  if (present === 0) refuse(name, 'has no value in train', 'Leave it out: `columns: { ...: "ignore" }`.');
  const [mean, deviation] = standardize ? [moments.mean, moments.deviation || 1] : [0, 1];
  const ofGap = (moments.mean - mean) / deviation;
  return {
    names: gaps > 0 ? [name, `${name} missing`] : [name],
    column: {
      name,
      kind: 'number',
      inputs: gaps > 0 ? 2 : 1,
      about: `mean ${figure(moments.mean)}, deviation ${figure(moments.deviation)}${gapsText(gaps)}`,
    },
    write: (row, into) => {
      const isMissing = isGap(row.cells[place], rules);
      into[0] = isMissing ? ofGap : (requireNumber(row, place, name, rules) - mean) / deviation;
      if (isMissing && gaps > 0) into[1] = 1;
    },
  };
}

/**
 * 1 for the category of the row and 0 for the others, one of which is a gap where train has gaps; all 0 for a category
 * that train does not have.
 */
export function categoryEncoder(place: number, profile: ColumnProfile, rules: CellRules): ColumnEncoder {
  const { name, gaps, values } = profile;
  if (values.size > mostCategories) {
    refuse(name, `has more than ${mostCategories} categories`, 'Set it to "text" or "ignore" in `columns`.');
  }
  const categories = sortedNames(values.keys());
  const places = new Map(categories.map((category, i) => [category, i]));
  const names = [...categories.map((category) => `${name}=${category}`), ...(gaps > 0 ? [`${name} missing`] : [])];
  return {
    names,
    column: {
      name,
      kind: 'category',
      inputs: names.length,
      about: `${categories.slice(0, 8).join(', ')}${categories.length > 8 ? `, ${categories.length - 8} more` : ''}${gapsText(gaps)}`,
    },
    write: ({ cells }, into) => {
      const cell = cells[place];
      const found = isGap(cell, rules)
        ? gaps > 0
          ? categories.length
          : undefined
        : places.get((cell as string).trim());
      if (found !== undefined) into[found] = 1;
    },
  };
}

/** The bag of words of a column, by a vocabulary of its own. */
export function textEncoder(
  place: number,
  { name, gaps }: ColumnProfile,
  tokens: (text: string) => string[],
  { encoding, featureNames = [] }: { readonly encoding: Encoding<Texts>; readonly featureNames?: readonly string[] },
): ColumnEncoder {
  return {
    names: featureNames.map((word) => `${name}:${word}`),
    column: { name, kind: 'text', inputs: featureNames.length, about: `${featureNames.length} words${gapsText(gaps)}` },
    write: ({ cells }, into) => encoding.encode([tokens(cells[place] ?? '')], into),
  };
}

/** The values of all columns, one behind the other. */
export function joinedEncoding(encoders: readonly ColumnEncoder[]): Encoding<UsedCells> {
  let width = 0;
  const starts = encoders.map(({ names }) => (width += names.length) - names.length);
  return {
    inputShape: [width],
    dtype: 'float32',
    encode: (row, into) =>
      encoders.forEach(({ names, write }, i) => {
        const start = starts[i] as number;
        write(row, (into as Float32Array).subarray(start, start + names.length));
      }),
  };
}

function gapsText(gaps: number): string {
  return gaps === 0 ? '' : `; ${gaps} ${gaps === 1 ? 'gap' : 'gaps'}`;
}

function figure(value: number): string {
  return String(Number(value.toPrecision(4)));
}

function refuse(name: string, what: string, remedy: string): never {
  throw new FlatminError('DATA_INVALID', `text-table: column ${JSON.stringify(name)} ${what}. ${remedy}`);
}
