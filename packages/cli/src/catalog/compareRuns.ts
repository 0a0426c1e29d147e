import { FlatminError } from '@flatmin/core';
import {
  type ChartFormat,
  chartsOf,
  compared,
  type Comparison,
  drawChart,
  type ExportFormat,
  exportText,
  type GridResults,
  printComparison,
  resultsIn,
  writeComparisonReport,
} from '@flatmin/experiments/internal';
import { print } from '@flatmin/experiments/terminal';
import { openPage } from '../terminal/openPage.js';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

export interface CompareRunsOptions {
  /** The method that others are compared to. */
  readonly reference?: string;
}

/** Prints what the runs of some folders say together. */
export async function compareRuns(folders: readonly string[], { reference }: CompareRunsOptions): Promise<void> {
  printComparison(comparisonOf(await resultsIn(folders, reference)), process.stdout.columns);
}

export interface ReportRunsOptions extends CompareRunsOptions {
  readonly out: string;
  /** The charts of the page as files besides, in these formats. */
  readonly charts?: readonly ChartFormat[];
  /** Open the page. */
  readonly open?: true;
}

/** Writes what they say as a page. */
export async function reportRuns(
  folders: readonly string[],
  { reference, out, charts = [], open }: ReportRunsOptions,
): Promise<void> {
  const results = await resultsIn(folders, reference);
  comparisonOf(results);
  if (existsSync(path.join(out, 'report.html'))) {
    throw new FlatminError('RUN_INVALID', `${out} has a report.html, which would be replaced. Give another --out.`);
  }
  await mkdir(out, { recursive: true });
  const { grid, outcomes } = results;
  const done = outcomes.filter(({ status }) => status === 'done').length;
  const report = await writeComparisonReport(out, results, {
    title: `flatmin runs: ${listed([...new Set(grid.tasks.flatMap(({ rows }) => rows.map(({ method }) => method)))])}`,
    introduction: [
      `${done} of ${outcomes.length} runs have ended. Test figures are those of the weights at the end of a run.`,
    ],
    notes: [],
    facts: { folders: folders.join(', '), reference: grid.reference, written: new Date().toISOString() },
  });
  print(`Report: ${report}`);
  for (const format of charts) print(`Charts: ${await writeCharts(path.join(out, 'charts'), results, format)}`);
  if (open) await openPage(report);
}

const endings: Readonly<Record<ChartFormat, string>> = { svg: '.svg', png: '.png', spec: '.vl.json' };

/** A file a chart; returns what they are called. */
async function writeCharts(folder: string, results: GridResults, format: ChartFormat): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (const chart of chartsOf(results)) {
    await writeFile(path.join(folder, `${chart.id}${endings[format]}`), await drawChart(chart, format));
  }
  return path.join(folder, `*${endings[format]}`);
}

/** Prints the rows for programs and papers. */
export async function exportRuns(
  folders: readonly string[],
  { reference, format }: CompareRunsOptions & { readonly format: ExportFormat },
): Promise<void> {
  process.stdout.write(exportText(comparisonOf(await resultsIn(folders, reference)), format));
}

/** @throws FlatminError RUN_INVALID where no run has come to anything. */
function comparisonOf(results: GridResults): Comparison {
  if (results.outcomes.some(({ record }) => record !== undefined)) return compared(results);
  throw new FlatminError('RUN_INVALID', 'none of these runs has ended. Wait for one, or name others.');
}

/** At most three names. */
function listed(names: readonly string[]): string {
  return names.length <= 3 ? names.join(', ') : `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`;
}
