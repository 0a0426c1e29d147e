import type { Comparison } from '../statistics/comparison.js';
import { leftOutTexts } from '../statistics/rows.js';
import { verdictOf } from '../statistics/verdict.js';
import { printTable } from '../terminal/styles.js';
import { print, terminalColumns } from '../terminal/terminal.js';
import { textTables, wrapped } from './textTable.js';

/** Prints what was found: the verdict, the runs that are in no average, and the tables. */
export function printComparison(comparison: Comparison, width = terminalColumns()): void {
  const several = comparison.tasks.length > 1;
  const leftOut = comparison.tasks.flatMap(({ name, rows }) =>
    leftOutTexts(rows).map((text) => (several ? `${name}: ${text}` : text)),
  );
  print(verdictOf(comparison).map((text) => wrapped(text, width)).join('\n')); // prettier-ignore
  print('');
  for (const text of leftOut) print(text);
  if (leftOut.length > 0) print('');
  printTable(`${textTables(comparison, width)}\n`);
}
