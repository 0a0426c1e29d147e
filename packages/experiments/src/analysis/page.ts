import { writeWhole } from '@flatmin/training/node';
import path from 'node:path';
import { drawnFigures } from '../report/drawnFigures.js';
import { htmlPage, type ReportPage } from '../report/html.js';
import { counted } from '../terminal/counted.js';
import { drawingsOfAnalysis } from './analysisCharts.js';
import { rowsOfAnalysis } from './rows.js';
import type { Analysis } from './results.js';
import { sentencesOf } from './sentences.js';
import type { AnalysisSettings } from './settings.js';
import { notesOf, warningsOf } from './notes.js';

/** Writes the page of an analysis and returns its path: `report.html` of one run, `comparison.html` of several. */
export async function writeAnalysisPage(
  folder: string,
  analysis: Analysis,
  settings: AnalysisSettings,
  facts: Readonly<Record<string, string>>,
): Promise<string> {
  const { runs } = analysis;
  const names = runs.map(({ name }) => name);
  const page: ReportPage = {
    title: `flatmin analyze: ${names.join(', ')} on ${[...new Set(runs.map(({ dataset }) => dataset))].join(', ')}`,
    verdict: sentencesOf(analysis),
    warnings: warningsOf(analysis),
    introduction: runs.map(
      ({ run, name, seed, weights, step, model, parameters }) =>
        `${name}, ${run}: ${model} with ${parameters.toLocaleString('en-US')} weights, seed ${seed}, the ${weights} weights, of step ${step.toLocaleString('en-US')}.`,
    ),
    overview: [],
    tasks: [
      {
        name: '',
        heads: ['measure', ...names],
        rows: rowsOfAnalysis(analysis).map(({ measure, values }) => [measure, ...values].map((text) => ({ text }))),
        note: '',
        figures: await drawnFigures(drawingsOfAnalysis(analysis)),
      },
    ],
    notes: notesOf(analysis),
    facts: { ...factsOf(analysis, settings), ...facts },
  };
  const file = path.join(folder, runs.length === 1 ? 'report.html' : 'comparison.html');
  await writeWhole(file, new TextEncoder().encode(htmlPage(page)));
  return file;
}

function factsOf({ runs }: Analysis, settings: AnalysisSettings): Readonly<Record<string, string>> {
  const [first] = runs;
  const { hessian, k, products, points, landscape, trajectory } = settings;
  return {
    part: settings.part,
    examples: `${settings.examples} at most, drawn by seed ${first?.drawnBy ?? 0}, in batches of ${settings.batchSize}`,
    ...(hessian && { hessian: `${counted(k, 'eigenvalue')}, ${products} products for the trace` }),
    ...((landscape || trajectory) && { points: `${points}` }),
    backend: first?.backend ?? '',
  };
}
