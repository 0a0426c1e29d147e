import { print } from '../terminal/terminal.js';
import { compared } from '../statistics/comparison.js';
import type { GridResults } from '../statistics/results.js';
import { leftOutTexts } from '../statistics/rows.js';
import { verdictOf } from '../statistics/verdict.js';
import type { PlannedComparison } from './planComparison.js';

/** Prints what came of a comparison, and writes its report. */
export async function reportComparison(
  directory: string,
  results: GridResults,
  { planned, now }: { readonly planned: PlannedComparison; readonly now: number },
): Promise<void> {
  const comparison = compared(results);
  for (const sentence of verdictOf(comparison)) print(sentence);
}
