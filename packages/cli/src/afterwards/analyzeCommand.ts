import { type Clock, FlatminError, tokens } from '@flatmin/core';
import type { PartName } from '@flatmin/training';
import {
  type Analysis,
  analysisJson,
  type AnalysisSettings,
  analyze,
  defaultSettings,
  type OpenedRun,
  openRun,
  rowsOfAnalysis,
  sentencesOf,
  warningsOf,
  writeAnalysisPage,
} from '@flatmin/experiments/internal';
import type { Distribution } from '@flatmin/experiments';
import { onInterruption, print, printTable, warn } from '@flatmin/experiments/terminal';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { openPage } from '../terminal/openPage.js';
import { fittedTable } from '../terminal/fittedTable.js';
import type { AfterwardsOptions } from './evaluateCommand.js';

export interface AnalyzeCommandOptions extends AfterwardsOptions {
  readonly hessian?: true;
  readonly sharpness?: true;
  readonly landscape?: true;
  readonly trajectory?: true;
  readonly json?: string;
  readonly out?: string;
  readonly part?: PartName;
  readonly examples?: number;
  readonly batch?: number;
  readonly k?: number;
  readonly products?: number;
  readonly density?: true;
  readonly blocks?: 'layer' | 'role';
  readonly gaussNewton?: true;
  readonly rho?: number;
  readonly adaptive?: true;
  readonly normalizeLogits?: true;
  readonly points?: number;
  readonly metric?: string;
  /** Open the page. */
  readonly open?: true;
}

/** Measures how flat the minima of runs are, prints it, and writes a page; JSON where it is asked for. */
export async function analyzeCommand(
  directories: readonly string[],
  options: AnalyzeCommandOptions,
  distribution: Distribution,
): Promise<void> {
  const { json } = options;
  requireFree(json);
  const settings = settingsOf(options);
  const runs: OpenedRun[] = [];
  for (const directory of directories) runs.push(await openRun(directory, options, distribution));
  const folder = options.out ?? path.join(directories[0] as string, 'analysis');
  const interruption = onInterruption();
  let kept = 'Nothing is kept of it.';
  try {
    const analysis = await analyze(runs, settings, {
      ...{ folder, version: distribution.version, signal: interruption.signal },
      onKept: (file, points, of) =>
        (kept = `${points} of ${of} points are kept in ${file}; the same command continues from there.`),
    });
    const clock = runs[0]?.container.get<Clock>(tokens.Clock);
    const facts = { flatmin: distribution.version, written: new Date(clock?.now() ?? 0).toISOString() };
    const page = await writeAnalysisPage(folder, analysis, settings, facts);
    if (json !== undefined) await writeFile(json, analysisJson(analysis), { flag: 'wx' });
    printAnalysis(analysis);
    print(`\nPage: ${page}${json === undefined ? '' : `\nJSON: ${json}`}`);
    if (options.open) await openPage(page);
  } catch (error) {
    if (interruption.exitCode === undefined) throw error;
    warn(`Interrupted. ${kept}`);
    process.exitCode = interruption.exitCode;
  } finally {
    interruption.dispose();
  }
}

/** @throws FlatminError RUN_INVALID where the file is there. */
function requireFree(file: string | undefined): void {
  if (file === undefined || !existsSync(file)) return;
  throw new FlatminError(
    'RUN_INVALID',
    `${file} exists already, and nothing is overwritten. Give another --json, or remove it.`,
  );
}

/** What belongs to the Hessian asks for it; without any of the four it is that and sharpness. */
function settingsOf({ batch, ...options }: AnalyzeCommandOptions): AnalysisSettings {
  const { sharpness, landscape, trajectory, density, blocks, gaussNewton } = options;
  const hessian = options.hessian ?? density ?? (blocks !== undefined || undefined) ?? gaussNewton;
  const isAsked = (hessian ?? sharpness ?? landscape ?? trajectory) !== undefined;
  return {
    ...defaultSettings,
    ...options,
    ...(batch !== undefined && { batchSize: batch }),
    ...(isAsked && { hessian: hessian ?? false, sharpness: sharpness ?? false }),
  };
}

function printAnalysis(analysis: Analysis): void {
  sentencesOf(analysis).forEach((sentence) => print(sentence));
  warningsOf(analysis).forEach((warning) => print(warning));
  const rows = rowsOfAnalysis(analysis).map(({ measure, values }) => [measure, ...values]);
  printTable(`\n${fittedTable(['measure', ...analysis.runs.map(({ name }) => name)], rows)}`);
}
