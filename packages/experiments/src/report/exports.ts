import type { ComparedRow, ComparedTask, Comparison } from '../statistics/comparison.js';
import type { Estimate } from '../statistics/estimate.js';
import { columnsOf, noteOf } from './columns.js';

export const exportFormats = ['csv', 'json', 'markdown', 'latex'] as const;
export type ExportFormat = (typeof exportFormats)[number];

/**
 * The rows of a comparison as a file: CSV and JSON with all digits, Markdown and LaTeX (with booktabs) as tables for
 * people.
 */
export function exportText(comparison: Comparison, format: ExportFormat): string {
  switch (format) {
    case 'csv':
      return csvOf(comparison);
    case 'json':
      return `${JSON.stringify(comparison, null, 2)}\n`;
    case 'markdown':
      return tablesOf(comparison, markdownTable);
    case 'latex':
      return tablesOf(comparison, latexTable);
  }
}

type Field = string | number | undefined;

function csvOf({ tasks }: Comparison): string {
  const paths = [
    ...new Set(tasks.flatMap((task) => [task, ...task.rows].flatMap(({ at }) => at.map(({ path }) => path)))),
  ];
  const records = tasks.flatMap((task) => task.rows.map((row) => recordOf(task, row, paths)));
  const heads = [...new Set(records.flatMap((record) => Object.keys(record)))];
  const lines = [heads, ...records.map((record) => heads.map((head) => record[head]))];
  return lines.map((line) => `${line.map(csvField).join(',')}\r\n`).join('');
}

/** A row with all its figures, flat. */
function recordOf(task: ComparedTask, row: ComparedRow, paths: readonly string[]): Readonly<Record<string, Field>> {
  const { difference, cost, chosen } = row;
  const at = new Map([...task.at, ...row.at].map(({ path, value }) => [path, csvValue(value.value)]));
  const choices = chosen?.choices.map(
    ({ seed, at }) => `${seed}: ${at.map(({ label, value }) => `${label} ${value.label}`).join(', ')}`,
  );
  return {
    task: task.name,
    row: row.name,
    method: row.method,
    ...(Object.fromEntries(paths.map((path) => [path, at.get(path)])) as Record<string, Field>),
    chosen: choices?.join('; '),
    runs: row.seeds.length,
    'planned runs': row.planned,
    metric: `test ${task.result}`,
    ...estimateFields('', row.result),
    'difference to': difference && task.reference,
    pairs: difference?.count,
    ...estimateFields('difference ', difference),
    test: difference?.test?.name,
    p: difference?.test?.p,
    'p corrected': difference?.test?.corrected,
    verdict: difference?.verdict,
    ...(Object.fromEntries(
      Object.entries(row.scores).flatMap(([name, score]) => [
        [`test ${name} mean`, score.mean],
        [`test ${name} standard error`, score.error],
      ]),
    ) as Record<string, Field>),
    'final rho mean': row.radius?.mean,
    'final rho least': row.radius?.least,
    'final rho greatest': row.radius?.greatest,
    'gradient evaluations': cost?.gradientEvaluations,
    'gradient evaluations to reference': cost?.ratio,
    'gradient evaluations of search': chosen?.searchEvaluations,
    seconds: cost?.seconds,
    'peak memory bytes': cost?.peakMemory,
  };
}

function estimateFields(prefix: string, estimate: Estimate | undefined): Readonly<Record<string, Field>> {
  return {
    [`${prefix}mean`]: estimate?.mean,
    [`${prefix}standard error`]: estimate?.error,
    [`${prefix}95 % low`]: estimate?.interval?.low,
    [`${prefix}95 % high`]: estimate?.interval?.high,
  };
}

function csvValue(value: unknown): Field {
  return typeof value === 'number' || typeof value === 'string' ? value : JSON.stringify(value);
}

/**
 * By RFC 4180. A text that a spreadsheet would take for a formula gets an apostrophe before it, which spreadsheets take
 * for "this is text".
 */
function csvField(field: Field): string {
  if (field === undefined) return '';
  if (typeof field === 'number') return String(field);
  const text = /^[=+\-@\t\r]/.test(field) ? `'${field}` : field;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

type Table = (heads: readonly string[], rows: readonly (readonly string[])[], task: ComparedTask) => string;

function tablesOf({ tasks }: Comparison, table: Table): string {
  const texts = tasks.map((task) => {
    const columns = columnsOf(task);
    const rows = task.rows.map((row) => columns.map(({ cell }) => cell(row)));
    return table(
      columns.map(({ head }) => head),
      rows,
      task,
    );
  });
  return `${texts.join('\n\n')}\n`;
}

const markdownTable: Table = (heads, rows, task) => {
  const line = (cells: readonly string[]): string => `| ${cells.map(markdownText).join(' | ')} |`;
  const rule = `| ${heads.map((_, i) => (i === 0 ? ':--' : '--:')).join(' | ')} |`;
  const note = noteOf(task);
  return [
    ...(task.name === '' ? [] : [`**${markdownText(task.name)}**`, '']),
    line(heads),
    rule,
    ...rows.map(line),
    ...(note === '' ? [] : ['', markdownText(note)]),
  ].join('\n');
};

/** Text that is no markup, in one line. */
function markdownText(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\`*_[\]<>|~#]/g, (character) => `\\${character}`);
}

const latexTable: Table = (heads, rows, task) => {
  const line = (cells: readonly string[]): string => `${cells.map(latexText).join(' & ')} \\\\`;
  const note = noteOf(task);
  return [
    '\\begin{table}',
    '\\centering',
    `\\begin{tabular}{l${'r'.repeat(heads.length - 1)}}`,
    '\\toprule',
    line(heads),
    '\\midrule',
    ...rows.map(line),
    '\\bottomrule',
    '\\end{tabular}',
    `\\caption{${latexText([...(task.name === '' ? [] : [`${task.name}.`]), note].join(' ').trim())}}`,
    '\\end{table}',
  ].join('\n');
};

const latex: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '<': '$<$',
  '>': '$>$',
  '±': '$\\pm$',
};

function latexText(text: string): string {
  return (
    text
      .replace(/\s+/g, ' ')
      .replace(/[\\~^<>±&%$#_{}]/g, (character) => latex[character] ?? `\\${character}`)
      // A hyphen before a figure is a minus.
      .replace(/(^|[ (])-(?=\d)/g, '$1$-$')
  );
}
