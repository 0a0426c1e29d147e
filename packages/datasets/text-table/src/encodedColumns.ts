import {
  type DataColumn,
  type Encoding,
  type LabelledSource,
  type Labels,
  mapRecords,
  type Parts,
  recordsOf,
  textDefaults,
  textEncoding,
} from '@flatmin/data';
import type { CellRules, UsedCells } from './cells.js';
import { categoryEncoder, type ColumnEncoder, joinedEncoding, numberEncoder, textEncoder } from './columnEncoders.js';
import { type ColumnKind, type ColumnProfile, profilesOf } from './columnProfile.js';
import { defaults, type TextTableOptions } from './options.js';
import { refuse, type UsedColumns } from './usedColumns.js';

type Source = LabelledSource<UsedCells, Labels>;

/** What columns become: one encoding of all; or, of text alone, the places of the texts. */
export type EncodedColumns = { readonly columns: readonly DataColumn[] } & (
  | { readonly encoding: Encoding<UsedCells>; readonly featureNames: readonly string[]; readonly texts?: undefined }
  | { readonly texts: readonly number[]; readonly encoding?: undefined }
);

/**
 * Tells what the columns are and how they become values of x, by the train part, and checks the cells of the other
 * parts.
 *
 * Reads train once for all columns and once more for each column of text, and the other parts once, where anything but
 * text is used.
 */
export async function encodedColumns(
  parts: Parts<Source>,
  used: UsedColumns,
  rules: CellRules,
  options: TextTableOptions,
  tokens: (text: string) => string[],
): Promise<EncodedColumns> {
  const { names, kinds } = used;
  const isText = names.every((name) => kinds.get(name) === 'text');
  const profiles = isText ? [] : await profilesOf(parts.train, names, rules);
  const found = names.map((name, i) => kinds.get(name) ?? (profiles[i] as ColumnProfile).kind());
  const texts = found.flatMap((kind, place) => (kind === 'text' ? [place] : []));
  const learned = found.filter((kind) => kind !== 'ignore').length;
  if (learned === 0) {
    refuse(
      `nothing can be learned from ${names.map((name) => JSON.stringify(name)).join(', ')}. Set their kinds in \`columns\`.`,
    );
  }
  if (texts.length === learned) return { texts, columns: described(used, found, profiles, []) };
  if ((options.encoding ?? textDefaults.encoding) === 'ids') {
    refuse('ids of words cannot be combined with numbers and categories. Leave out `encoding`, or use only text.');
  }
  const encoders: ColumnEncoder[] = [];
  for (const [place, kind] of found.entries()) {
    const profile = profiles[place] as ColumnProfile;
    if (kind === 'number') {
      encoders.push(numberEncoder(place, profile, rules, options.standardize ?? defaults.standardize));
    } else if (kind === 'category') encoders.push(categoryEncoder(place, profile, rules));
    else if (kind === 'text') {
      const cells = mapRecords(parts.train, (row) => [tokens(row.cells[place] ?? '')]);
      const text = await textEncoding(`text-table, column ${JSON.stringify(profile.name)}`, cells, options);
      encoders.push(textEncoder(place, profile, tokens, text));
    }
  }
  const encoding = joinedEncoding(encoders);
  await check([parts.validation, parts.test], encoding);
  return {
    encoding,
    featureNames: encoders.flatMap((each) => each.names),
    columns: described(used, found, profiles, encoders),
  };
}

/** Encodes all rows once: a cell that cannot be encoded shows before the first step, and not at the end of an epoch. */
async function check(parts: readonly Source[], encoding: Encoding<UsedCells>): Promise<void> {
  const into = new Float32Array(encoding.inputShape[0] as number);
  for (const part of parts) for await (const row of recordsOf(part)) encoding.encode(row, into);
}

/** All columns of the file but the label, in its order. */
function described(
  { names, all, kinds }: UsedColumns,
  found: readonly ColumnKind[],
  profiles: readonly ColumnProfile[],
  encoders: readonly ColumnEncoder[],
): readonly DataColumn[] {
  return all.flatMap((name): DataColumn[] => {
    const encoder = encoders.find(({ column }) => column.name === name);
    if (encoder !== undefined) return [encoder.column];
    const place = names.indexOf(name);
    const without = (kind: DataColumn['kind'], about: string): DataColumn[] => [{ name, kind, inputs: 0, about }];
    if (place >= 0 && found[place] === 'text') return without('text', 'all texts have one vocabulary');
    if (place >= 0) return without('ignored', (profiles[place] as ColumnProfile).whyIgnored);
    return kinds.get(name) === 'ignore' ? without('ignored', 'as `columns` says') : [];
  });
}
