import { invalidFile } from '@flatmin/data/node';

/** The cells that are used of a row, in the order of the columns asked for, and where it begins. */
export interface UsedCells {
  /** Undefined where JSON has nothing. */
  readonly cells: readonly (string | undefined)[];
  readonly file: string;
  readonly offset: number;
}

/** How cells are read. */
export interface CellRules {
  readonly decimal: '.' | ',';
  /** What stands for nothing, beside an empty cell. */
  readonly missing: ReadonlySet<string>;
}

const numbers = {
  '.': /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i,
  ',': /^[+-]?(\d+,?\d*|,\d+)(e[+-]?\d+)?$/i,
} as const;

/**
 * The number that a cell is, as exactly as float64 has it; undefined where it is none. It may be too large for float32.
 */
export function numberOf(cell: string, decimal: CellRules['decimal'] = '.'): number | undefined {
  const text = cell.trim();
  return numbers[decimal].test(text) ? Number(text.replace(',', '.')) : undefined;
}

/** True where a cell says nothing. */
export function isGap(cell: string | undefined, { missing }: CellRules): boolean {
  return cell === undefined || cell.trim() === '' || missing.has(cell.trim());
}

/** A cell as a number that float32 can hold. */
export function requireNumber(row: UsedCells, place: number, name: string, rules: CellRules): number {
  const cell = row.cells[place] ?? '';
  const value = numberOf(cell, rules.decimal);
  if (value !== undefined && Number.isFinite(Math.fround(value))) return value;
  return invalidFile(
    row.file,
    row.offset,
    `${JSON.stringify(name)} is ${shown(cell)}, not a number${value === undefined ? '' : ' that float32 can hold'}`,
    `Correct it, list it in \`missing\`, or set the kind of the column in \`columns\`.`,
  );
}

/** The cells of a row as texts. */
export function textsOf({ cells, file, offset }: UsedCells, names: readonly string[]): readonly string[] {
  return cells.map((cell, i) => cell ?? noCell(file, offset, names[i] as string));
}

/** Refuses a row that has nothing, or a list or an object, where text or a number is needed. */
export function noCell(file: string, offset: number, name: string): never {
  return invalidFile(
    file,
    offset,
    `${JSON.stringify(name)} is missing, or neither text nor a number`,
    'Give it in every row.',
  );
}

/** The beginning of a cell, for errors. */
export function shown(cell: string): string {
  return JSON.stringify(cell.slice(0, 40));
}
