import { writeWhole } from '@flatmin/training/node';
import path from 'node:path';
import { type ComparedRow, type ComparedTask, compared } from '../statistics/comparison.js';
import type { GridResults } from '../statistics/results.js';
import { figure, listed, times, whole } from '../statistics/figures.js';
import { leftOutTexts } from '../statistics/rows.js';
import { verdictOf } from '../statistics/verdict.js';
import { drawingsOf } from './charts.js';
import { type Column, columnsOf, noteOf } from './columns.js';
import { drawnFigures } from './drawnFigures.js';
import { htmlPage, type PageCell, type PageTask, type ReportPage } from './html.js';

/** What a report says besides what was found. */
export type ReportText = Pick<ReportPage, 'title' | 'introduction' | 'notes' | 'facts'>;

/** Writes report.html into a directory and returns its path. */
export async function writeComparisonReport(
  directory: string,
  results: GridResults,
  text: ReportText,
): Promise<string> {
  const comparison = compared(results);
  const drawings = drawingsOf(results, comparison);
  const tasks: PageTask[] = [];
  for (const [i, task] of comparison.tasks.entries()) {
    tasks.push({ ...tableOf(task), name: task.name, figures: await drawnFigures(drawings.tasks[i] ?? []) });
  }
  const several = comparison.tasks.length > 1;
  const page: ReportPage = {
    ...text,
    verdict: verdictOf(comparison),
    warnings: comparison.tasks.flatMap(({ name, rows }) =>
      leftOutTexts(rows).map((warning) => (several ? `${name}: ${warning}` : warning)),
    ),
    overview: await drawnFigures(drawings.overview),
    tasks,
  };
  const file = path.join(directory, 'report.html');
  await writeWhole(file, new TextEncoder().encode(htmlPage(page)));
  return file;
}

function tableOf(task: ComparedTask): Omit<PageTask, 'name' | 'figures'> {
  const columns = columnsOf(task);
  const rows = task.rows.map((row) => columns.map((column) => cellOf(column, row)));
  return {
    heads: columns.map(({ head }) => head),
    rows,
    note: [noteOf(task), ...task.rows.flatMap(choiceText)].join(' ').trim(),
  };
}

function cellOf(column: Column, row: ComparedRow): PageCell {
  const text = column.cell(row);
  const cell = { text, ...(column.isOfMachine && { isOfMachine: true }) };
  const { difference, result, cost, chosen } = row;
  if (column.key === 'result' && result?.interval !== undefined) {
    return { ...cell, note: `${figure(result.interval.low)} to ${figure(result.interval.high)}` };
  }
  if (column.key === 'difference' && difference !== undefined) {
    if (difference.isBetter === undefined) return { ...cell, note: 'not told apart' };
    return { ...cell, note: difference.isBetter ? 'better' : 'worse', tone: difference.isBetter ? 'better' : 'worse' };
  }
  if (column.key === 'gradients' && cost?.ratio !== undefined && difference !== undefined) {
    return { ...cell, note: `${times(cost.ratio)} times` };
  }
  if (column.key === 'name' && chosen !== undefined && chosen.choices.length > 0)
    return { ...cell, note: chosenText(row) };
  return cell;
}

/** `0.5 in every seed`, or the value of each seed. */
function chosenText({ chosen }: ComparedRow): string {
  const values =
    chosen?.choices.map(({ seed, at }) => ({ seed, text: at.map(({ value }) => value.label).join(', ') })) ?? [];
  const distinct = [...new Set(values.map(({ text }) => text))];
  if (distinct.length === 1) return `${distinct[0]} in every seed`;
  return distinct
    .map((text) => {
      const seeds = values.filter((value) => value.text === text).map(({ seed }) => String(seed));
      return `${text} in ${seeds.length === 1 ? 'seed' : 'seeds'} ${listed(seeds)}`;
    })
    .join('; ');
}

/** What a choice took, and from what it was made. */
function choiceText({ name, chosen }: ComparedRow): string[] {
  if (chosen === undefined) return [];
  const { candidates, rows, searchEvaluations } = chosen;
  const from = candidates < rows ? ` Of ${rows} values, ${candidates} have all their seeds done.` : '';
  return [`${name}: the search itself took ${whole(searchEvaluations)} gradient evaluations per seed.${from}`];
}
