import type { FlatminContainer, Spec } from '@flatmin/core';
import { describeOptions } from '@flatmin/core/plugin';
import { openDataFile, openRows, type RowFormat } from '@flatmin/data/node';

/** Rows that are looked at to tell whether a column holds numbers. */
const looked = 1000;

/** Different numbers from which on a column is rather a quantity than a class. */
const manyNumbers = 20;

/** A single table, as far as its columns are known before one of them is the label. */
export interface TableColumns {
  readonly names: readonly string[];
  /** What the column would be to learn: its task. */
  taskOf(name: string): 'classification' | 'regression';
}

/**
 * The columns of the file of a spec, where its plugin reads tables with a label; undefined of other data.
 *
 * @throws FlatminError for a file that is not a table.
 */
export async function columnsOfTable(spec: Spec, container: FlatminContainer): Promise<TableColumns | undefined> {
  const plugin = container.plugins().find(({ id, kind }) => kind === 'dataset' && id === spec.use);
  const takes = new Set(plugin && describeOptions(plugin).map(({ name }) => name));
  const { file, header, quote, delimiter = 'auto' } = spec as Spec & TableSpec;
  if (typeof file !== 'string' || !takes.has('label') || !takes.has('task')) return undefined;
  const values: (readonly unknown[])[] = [];
  const keep = ({ cells }: { readonly cells: readonly unknown[] }): boolean => {
    if (values.length < looked) values.push(cells);
    return false;
  };
  const rows = await openRows(await openDataFile(file), { format: formatOf(file), header, quote, delimiter, keep });
  return {
    names: rows.columns,
    taskOf(name) {
      const column = rows.columns.indexOf(name);
      const numbers = values.map((cells) => cells[column]).map((cell) => (isText(cell) ? Number(cell) : NaN));
      const known = numbers.filter(Number.isFinite);
      const isQuantity = new Set(known).size > manyNumbers && known.length > numbers.length / 2;
      return isQuantity ? 'regression' : 'classification';
    },
  };
}

interface TableSpec {
  readonly file?: unknown;
  readonly header?: boolean;
  readonly quote?: boolean;
  readonly delimiter?: string;
}

const isText = (cell: unknown): cell is string => typeof cell === 'string' && cell.trim() !== '';

function formatOf(file: string): RowFormat {
  const [, ending = 'csv'] = /\.(\w+)(?:\.gz)?$/.exec(file.toLowerCase()) ?? [];
  if (ending === 'tsv') return 'tsv';
  return ending === 'jsonl' || ending === 'ndjson' ? 'jsonl' : 'csv';
}
