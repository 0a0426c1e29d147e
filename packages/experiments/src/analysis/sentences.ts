import { listed, whole } from '../statistics/figures.js';
import { numberText, shareText, withError } from './numberText.js';
import type { Analysis, CurvatureAnalysis, RunAnalysis, SharpnessAnalysis } from './results.js';

/**
 * What was measured on how much data with which error: the first sentence of the page. What lies between runs, or
 * around one, gets one of its own.
 */
export function sentencesOf(analysis: Analysis): readonly string[] {
  const { runs } = analysis;
  const found = [curvatureText(runs), sharpnessText(runs)].filter((text) => text !== '');
  const first = found.length > 0 ? found : [lossText(runs)];
  return [`Measured on ${dataText(runs)}: ${first.join('; ')}.`, ...landscapeTexts(analysis)];
}

function dataText(runs: readonly RunAnalysis[]): string {
  const texts = runs.map(({ examples, partExamples, part, dataset }) => {
    const parts = { train: 'training', validation: 'validation', test: 'test' };
    const all = examples === partExamples ? `all ${whole(examples)}` : `${whole(examples)} of ${whole(partExamples)}`;
    return `${all} ${parts[part]} examples of ${dataset}`;
  });
  return listed([...new Set(texts)]);
}

/** One value, or that of each run: `12.3 for SGD and 4.5 for SAM`. */
function ofEach<T>(
  runs: readonly RunAnalysis[],
  valueOf: (run: RunAnalysis) => T | undefined,
  text: (value: T) => string,
): string {
  const [only, ...others] = runs;
  if (only === undefined) return '';
  const values = runs.map((run) => ({ name: run.name, value: valueOf(run) }));
  if (values.some(({ value }) => value === undefined)) return '';
  if (others.length === 0) return text(values[0]?.value as T);
  return listed(values.map(({ name, value }) => `${text(value as T)} for ${name}`));
}

function curvatureText(runs: readonly RunAnalysis[]): string {
  const of = (text: (hessian: CurvatureAnalysis) => string): string => ofEach(runs, ({ hessian }) => hessian, text);
  const largest = of(({ eigenvalues, eigenvalueErrors }) => withError(eigenvalues[0] ?? NaN, eigenvalueErrors[0]));
  if (largest === '') return '';
  const trace = of(({ trace, traceError }) => withError(trace, traceError));
  return `the largest Hessian eigenvalue is ${largest}, the trace ${trace}`;
}

function sharpnessText(runs: readonly RunAnalysis[]): string {
  const [first] = runs;
  const of = (valueOf: (sharpness: SharpnessAnalysis) => number): string =>
    ofEach(runs, ({ sharpness }) => sharpness && valueOf(sharpness), numberText);
  const rise = of(({ worstCase }) => worstCase);
  return rise === ''
    ? ''
    : `the loss rises by ${rise} at worst within radius ${numberText(first?.sharpness?.rho ?? NaN)}`;
}

function lossText(runs: readonly RunAnalysis[]): string {
  return `the loss is ${ofEach(runs, ({ loss }) => loss, numberText)}`;
}

function landscapeTexts({ runs, line, barrier = {}, plane }: Analysis): readonly string[] {
  const [first, second] = runs;
  const barriers = Object.entries(barrier).map(([part, found]) => `${numberText(found.barrier)} in ${part} loss`);
  const around = first?.landscape;
  const path = first?.trajectory;
  return [
    ...(line === undefined
      ? []
      : [
          `On the line between ${first?.name} and ${second?.name} the barrier is ${listed(barriers)}, over ${line.alpha.length} points.`,
        ]),
    ...(plane === undefined
      ? []
      : [`The plane through ${listed(runs.map(({ name }) => name))} is measured at ${pointsOf(plane)}.`]),
    ...(around === undefined
      ? []
      : [`The filter-normalized plane around the weights is measured at ${pointsOf(around)}.`]),
    ...(path === undefined
      ? []
      : [
          `The plane in which its ${path.path.length} checkpoints differ most has ${shareText(path.explained[0] + path.explained[1])} of the variance of the path.`,
        ]),
  ];
}

const pointsOf = ({ x, y }: { readonly x: readonly number[]; readonly y: readonly number[] }): string =>
  `${whole(x.length * y.length)} points`;
