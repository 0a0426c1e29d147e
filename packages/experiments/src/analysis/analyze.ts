import type { OpenedRun } from '../run/openRun.js';
import type { AnalyzeContext } from './analyzeRuns.js';
import type { Analysis } from './results.js';
import type { AnalysisSettings } from './settings.js';

/** Measures runs: see `analyzeRuns`. What measures is loaded here, and by no other command. */
export async function analyze(
  runs: readonly OpenedRun[],
  settings: AnalysisSettings,
  context: AnalyzeContext,
): Promise<Analysis> {
  const { analyzeRuns } = await import('./analyzeRuns.js');
  return analyzeRuns(runs, settings, context);
}
