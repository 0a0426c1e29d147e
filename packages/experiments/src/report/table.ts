import type { MethodSummary, Spread } from './summary.js';

/** The heads of the columns. */
export function columnsOf(summaries: readonly MethodSummary[]): readonly string[] {
  const result = summaries[0]?.resultName ?? 'accuracy';
  const first = summaries.find(({ seeds }) => seeds > 0);
  const scores = Object.keys(first?.scores ?? {}).filter((name) => name !== result);
  return [
    'method',
    ...[result, ...scores].map((name) => `test ${name}`),
    'final rho',
    'gradient evaluations',
    'seconds a run',
  ];
}

/** A summary as the cells of {@link columnsOf}. */
export function cellsOf(summary: MethodSummary, columns: readonly string[]): readonly string[] {
  const { seeds, leftOut } = summary;
  const name = leftOut === 0 ? summary.method : `${summary.method} (${seeds} of ${seeds + leftOut} runs)`;
  // The columns of a method that gave nothing stay empty.
  if (seeds === 0) return [name, ...columns.slice(1).map(() => '-')];
  return [
    name,
    withError(summary.result),
    ...Object.entries(summary.scores).flatMap(([name, score]) => (name === summary.resultName ? [] : withError(score))),
    summary.radius === undefined ? '-' : radiusText(summary.radius, summary.learnsRadius),
    summary.gradientEvaluations.toLocaleString('en-US'),
    summary.seconds.toFixed(1),
  ];
}

function withError({ mean, error }: Spread): string {
  return error === undefined ? figure(mean) : `${figure(mean)} ± ${figure(error)}`;
}

/** Three places; of an error in a large unit, which would be 0.000, three figures. */
function figure(value: number): string {
  return value !== 0 && Math.abs(value) < 0.001 ? String(Number(value.toPrecision(3))) : value.toFixed(3);
}

function radiusText({ mean, least, greatest }: Spread, learned: boolean): string {
  if (!learned) return `${Number(mean.toPrecision(4))}`;
  // Two figures, and never as a power of ten: readers compare these at a glance.
  const text = (value: number): string => (value < 0.1 ? `${Number(value.toPrecision(2))}` : value.toFixed(2));
  return least === greatest ? text(mean) : `${text(mean)} (${text(least)} to ${text(greatest)})`;
}

/** The results as lines of text in columns; numbers to the right. */
export function textTable(summaries: readonly MethodSummary[]): string {
  const columns = columnsOf(summaries);
  const rows = [columns, ...summaries.map((summary) => cellsOf(summary, columns))];
  const widths = columns.map((_, column) => Math.max(...rows.map((row) => (row[column] as string).length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[column] as number) : cell.padStart(widths[column] as number),
      )
      .join('   ')
      .trimEnd();
  const [head, ...body] = rows.map(line);
  return [head, '-'.repeat(Math.max(...[head, ...body].map((text) => (text as string).length))), ...body].join('\n');
}
