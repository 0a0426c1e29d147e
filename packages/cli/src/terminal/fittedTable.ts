import { terminalText } from '@flatmin/experiments/terminal';

/** A value of a table: numbers stand to the right. */
export type Cell = string | number | undefined;

const between = '  ';
/** Characters that a text column keeps at least. */
const narrowest = 8;

/**
 * Rows as lines of text in columns, none longer than a width: long texts lose their middle, the widest first; where
 * that is not enough the last columns go, which a line at the end says.
 *
 * @param width default: that of the terminal; without one, as in a pipe, all of everything.
 */
export function fittedTable(
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  width: number = process.stdout.columns ?? Infinity,
): string {
  // A line feed within a value would break the table.
  const body = rows.map((row) => row.map((cell) => terminalText(textOf(cell)).replace(/\s/g, ' ')));
  const isNumber = head.map(
    (_, i) => rows.some((row) => typeof row[i] === 'number') && rows.every((row) => typeof row[i] !== 'string'),
  );
  const widths = head.map((name, i) => Math.max(lengthOf(name), ...new Set(body.map((row) => lengthOf(row[i] ?? '')))));
  const shown = fit(widths, isNumber, width);
  const line = (cells: readonly string[]): string =>
    shown
      .map((size, i) => padded(shortened(cells[i] ?? '', size), size, isNumber[i] === true))
      .join(between)
      .trimEnd();
  const dropped = head.slice(shown.length);
  return [
    line(head),
    shown.map((size) => '-'.repeat(size)).join(between),
    ...body.map(line),
    ...(dropped.length === 0 ? [] : [`(not enough room for: ${dropped.join(', ')})`]),
  ].join('\n');
}

/** The widths of the columns that fit. */
function fit(widths: readonly number[], isNumber: readonly boolean[], width: number): readonly number[] {
  const shown = [...widths];
  const total = (): number => shown.reduce((sum, size) => sum + size + between.length, -between.length);
  while (total() > width) {
    const widest = shown.reduce(
      (found, size, i) => (isNumber[i] !== true && size > narrowest && size > (shown[found] ?? 0) ? i : found),
      -1,
    );
    if (widest >= 0) shown[widest] = (shown[widest] as number) - 1;
    else if (shown.length > 1) shown.pop();
    else break;
  }
  return shown;
}

function textOf(value: Cell): string {
  if (typeof value !== 'number') return value ?? '';
  return Number.isInteger(value) ? `${value}` : `${Number(value.toPrecision(6))}`;
}

/** The start and the end of a text: names of folders differ at their end. */
function shortened(text: string, size: number): string {
  const characters = [...text];
  if (characters.length <= size) return text;
  const end = Math.floor((size - 1) / 2);
  return `${characters.slice(0, size - 1 - end).join('')}…${end === 0 ? '' : characters.slice(-end).join('')}`;
}

const lengthOf = (text: string): number => [...text].length;

function padded(text: string, size: number, right: boolean): string {
  const space = ' '.repeat(size - lengthOf(text));
  return right ? space + text : text + space;
}
