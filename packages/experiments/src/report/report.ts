import { writeWhole } from '@flatmin/training/node';
import path from 'node:path';
import type { RunRecord } from '../run/runRecord.js';
import { htmlPage, type ReportPage, type Section } from './html.js';
import { resultPlot, radiusPlot } from './plots.js';
import { counted, extremesOf, leftOut, resultNameOf, summarize } from './summary.js';

export type ReportText = Pick<ReportPage, 'title' | 'introduction' | 'notes' | 'facts'>;

/** Writes report.html into a directory and returns its path. */
export async function writeReport(directory: string, runs: readonly RunRecord[], text: ReportText): Promise<string> {
  // Vega takes a third of a second to load: here, and not while a training command waits for its first step.
  const { renderSvg } = await import('./renderSvg.js');
  const severalSeeds = new Set(counted(runs).map(({ seed }) => seed)).size > 1;
  const result = resultNameOf(runs);
  const sections: Section[] = [];
  if (counted(runs).length > 0) {
    sections.push({
      heading: `Test ${result} by epoch`,
      svg: await renderSvg(resultPlot(runs), `Test ${result} by epoch and method`),
      caption: severalSeeds
        ? 'Mean over the seeds; the band is one standard error of that mean to each side.'
        : 'One seed: how much of a difference is chance, this cannot tell.',
    });
  }
  const radius = radiusPlot(runs);
  if (radius !== undefined) {
    sections.push({
      heading: 'rho by step',
      svg: await renderSvg(radius, 'rho by step, method and seed'),
      caption: `One line a run. Solid: learned during training. Dashed: given and fixed, the same for all seeds.${thinning(runs)}`,
    });
  }
  const file = path.join(directory, 'report.html');
  const warnings = leftOut(runs).map(({ text }) => text);
  await writeWhole(
    file,
    new TextEncoder().encode(htmlPage({ ...text, warnings, summaries: summarize(runs), sections })),
  );
  return file;
}

/** What the plot of rho leaves out. */
function thinning(runs: readonly RunRecord[]): string {
  const { greatest } = extremesOf(runs.map(({ radiiEvery }) => radiiEvery));
  return greatest > 1 ? ` Of the logged steps every ${greatest}th is drawn, and the last one.` : '';
}
