import stringWidth from 'string-width';
import { terminalText } from '../terminal/terminal.js';
import type { ComparedRow, ComparedTask, Comparison } from '../statistics/comparison.js';
import { type Column, columnsOf, noteOf } from './columns.js';

const between = '  ';

/**
 * What is given up, one after the other, until a table is narrow enough. The name and the result stay, and what was
 * given up is in the report and in the exports.
 */
const concessions: readonly Concession[] = [
  { short: 'radius' },
  { drop: 'memory' },
  { names: 28 },
  { drop: 'score' },
  { short: 'gradients' },
  { drop: 'seconds' },
  { drop: 'radius' },
  { names: 22 },
  { names: 16 },
  { drop: 'gradients' },
  { drop: 'p' },
  { short: 'result' },
  { drop: 'difference' },
  { names: 10 },
];

type Concession =
  | { readonly short: Column['key'] }
  | { readonly drop: Column['key'] }
  /** The most characters of a name. */
  | { readonly names: number };

/** The results as text tables, one per task, that fit a terminal. */
export function textTables({ tasks }: Comparison, width = 80): string {
  const texts = tasks.map((task) => `${task.name === '' ? '' : `${task.name}\n`}${textTable(task, width)}`);
  const notes = [...new Set(tasks.map(noteOf))].filter((note) => note !== '');
  return [...texts, ...notes.map((note) => wrapped(note, width))].join('\n\n');
}

function textTable(task: ComparedTask, width: number): string {
  const rows = rowsWithin(task, width);
  const widths = (rows[0] as readonly string[]).map((_, column) =>
    Math.max(...rows.map((row) => stringWidth(row[column] as string))),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => {
        const space = ' '.repeat((widths[column] as number) - stringWidth(cell));
        return column === 0 ? `${cell}${space}` : `${space}${cell}`;
      })
      .join(between)
      .trimEnd();
  const [head = '', ...body] = rows.map(line);
  return [head, '-'.repeat(Math.max(...[head, ...body].map(stringWidth))), ...body].join('\n');
}

/** Head and rows, with as few concessions as the width needs. */
function rowsWithin(task: ComparedTask, width: number): readonly (readonly string[])[] {
  let rows = rowsAfter(task, []);
  for (let made = 1; made <= concessions.length && widthOf(rows) > width; made += 1) {
    rows = rowsAfter(task, concessions.slice(0, made));
  }
  return rows;
}

function rowsAfter(task: ComparedTask, made: readonly Concession[]): readonly (readonly string[])[] {
  const dropped = new Set(made.flatMap((one) => ('drop' in one ? [one.drop] : [])));
  const short = new Set(made.flatMap((one) => ('short' in one ? [one.short] : [])));
  const most = leastThatTells(
    task.rows.map((row) => nameOf(task, row)),
    made.flatMap((one) => ('names' in one ? [one.names] : [])),
  );
  const columns = columnsOf(task).filter(({ key }) => !dropped.has(key));
  const cellOf = (column: Column, row: ComparedRow): string => {
    const text = terminalText((short.has(column.key) && column.short ? column.short : column.cell)(row));
    return column.key === 'name' ? shortened(text, most) : text;
  };
  const heads = columns.map(({ key, head, shortHead }) => (short.has(key) && shortHead ? shortHead : head));
  return [heads, ...task.rows.map((row) => columns.map((column) => cellOf(column, row)))];
}

/** The least of some lengths at which no two names become one. */
function leastThatTells(names: readonly string[], lengths: readonly number[]): number {
  const tells = (most: number): boolean => new Set(names.map((name) => shortened(name, most))).size === names.length;
  return lengths.filter(tells).at(-1) ?? Infinity;
}

function nameOf(task: ComparedTask, row: ComparedRow): string {
  return terminalText((columnsOf(task)[0] as Column).cell(row));
}

function widthOf(rows: readonly (readonly string[])[]): number {
  const columns = rows[0] ?? [];
  const widths = columns.map((_, i) => Math.max(...rows.map((row) => stringWidth(row[i] as string))));
  return widths.reduce((sum, width) => sum + width, between.length * (columns.length - 1));
}

/** A name in at most so many columns of a terminal: its beginning and its end, where names of a sweep differ. */
export function shortened(name: string, most: number): string {
  if (stringWidth(name) <= most) return name;
  const characters = [...new Intl.Segmenter().segment(name)].map(({ segment }) => segment);
  let [head, tail] = [Math.ceil((most - 1) / 2), Math.floor((most - 1) / 2)];
  const text = (): string =>
    `${characters.slice(0, head).join('')}…${characters.slice(characters.length - tail).join('')}`;
  // Characters of double width take more than one column.
  while (stringWidth(text()) > most && head + tail > 0) {
    if (head > tail) head -= 1;
    else tail -= 1;
  }
  return text();
}

/** Lines of at most so many columns, broken at spaces. */
export function wrapped(text: string, width: number): string {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && stringWidth(last) + 1 + stringWidth(word) <= width)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.join('\n');
}
