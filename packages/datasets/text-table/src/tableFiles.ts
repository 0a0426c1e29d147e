import { partOfName, type PartName } from '@flatmin/data';

export type TableFiles = { readonly train: string } & Partial<Readonly<Record<PartName, string>>>;

const table = /^(.+?)\.(csv|tsv|jsonl|ndjson)(\.gz)?$/i;

/** The format that a file's name tells. */
export function formatOf(name: string): 'csv' | 'tsv' | 'jsonl' | undefined {
  const ending = table.exec(name)?.[2]?.toLowerCase();
  return ending === 'ndjson' ? 'jsonl' : (ending as 'csv' | 'tsv' | 'jsonl' | undefined);
}

/** `train.csv`, `dev.csv`, `test.csv` of a folder, or its only table; undefined where there is neither. */
export function tablesIn(names: readonly string[]): TableFiles | undefined {
  const tables = names.filter((name) => table.test(name));
  const named = (part: PartName): string | undefined =>
    tables.find((name) => partOfName(table.exec(name)?.[1] ?? '') === part);
  const [validation, test] = [named('validation'), named('test')];
  const train = named('train') ?? (tables.length === 1 ? tables[0] : undefined);
  if (train === undefined) return undefined;
  return { train, ...(validation && validation !== train && { validation }), ...(test && test !== train && { test }) };
}
