import { numberText, withError } from './numberText.js';
import type { Analysis, CurvatureAnalysis, RunAnalysis, SharpnessAnalysis } from './results.js';

/** A measure, and what each run has of it. */
export interface MeasureRow {
  readonly measure: string;
  /** In the order of the runs; empty where a run has none. */
  readonly values: readonly string[];
}

type Text = (run: RunAnalysis) => string | undefined;

/** Everything that was measured of runs, a measure a row and a run a column; what none of them has is left out. */
export function rowsOfAnalysis({ runs, barrier = {} }: Analysis): readonly MeasureRow[] {
  const of = (measure: string, text: Text): MeasureRow => ({ measure, values: runs.map((run) => text(run) ?? '') });
  const [first] = runs;
  const rows = [
    of(`${first?.part} loss`, ({ loss }) => numberText(loss)),
    ...Object.keys(first?.metrics ?? {}).map((name) =>
      of(`${first?.part} ${name}`, ({ metrics }) => numberText(metrics[name] ?? NaN)),
    ),
    of('length of the gradient', ({ gradientNorm }) => numberText(gradientNorm)),
    ...curvatureRows(of, 'Hessian', ({ hessian }) => hessian),
    ...curvatureRows(of, 'Gauss-Newton matrix', ({ gaussNewton }) => gaussNewton),
    ...sharpnessRows(of),
    ...blockRows(of, runs),
    ...Object.entries(barrier).map(([part, found]) => ({
      measure: `barrier between the two, ${part} loss`,
      values: runs.map((_, i) => (i === 0 ? numberText(found.barrier) : '')),
    })),
  ];
  return rows.filter(({ values }) => values.some((value) => value !== ''));
}

type Of = (measure: string, text: Text) => MeasureRow;

function curvatureRows(
  of: Of,
  name: string,
  curvatureOf: (run: RunAnalysis) => CurvatureAnalysis | undefined,
): readonly MeasureRow[] {
  const eigenvalue = (i: number): Text => {
    return (run) => {
      const { eigenvalues, eigenvalueErrors } = curvatureOf(run) ?? {};
      const value = eigenvalues?.[i];
      return value === undefined ? undefined : withError(value, eigenvalueErrors?.[i]);
    };
  };
  return [
    of(`largest eigenvalue, ${name}`, eigenvalue(0)),
    of(`fifth largest eigenvalue, ${name}`, eigenvalue(4)),
    of(`trace, ${name}`, (run) => {
      const found = curvatureOf(run);
      return found && withError(found.trace, found.traceError);
    }),
  ];
}

type Named = {
  readonly [K in keyof SharpnessAnalysis as NonNullable<SharpnessAnalysis[K]> extends number ? K : never]: string;
};

/** What measures of sharpness are called, and the name of the error of each. */
const sharpnessNames = {
  oneStep: 'one step along the gradient',
  worstCase: 'worst case',
  worstCaseLinf: 'worst case, l-infinity',
  average: 'average case',
  mSharpness: 'm-sharpness',
  oneStepAdaptive: 'one step, adaptive',
  worstCaseAdaptive: 'worst case, adaptive',
  worstCaseLinfAdaptive: 'worst case, l-infinity, adaptive',
  averageAdaptive: 'average case, adaptive',
  mSharpnessAdaptive: 'm-sharpness, adaptive',
} as const satisfies Partial<Named>;

const errorsOf = {
  average: 'averageError',
  mSharpness: 'mSharpnessError',
  averageAdaptive: 'averageAdaptiveError',
  mSharpnessAdaptive: 'mSharpnessAdaptiveError',
} as const;

function sharpnessRows(of: Of): readonly MeasureRow[] {
  const names = Object.entries(sharpnessNames) as [keyof typeof sharpnessNames, string][];
  return [
    of('radius rho', ({ sharpness }) => sharpness && numberText(sharpness.rho)),
    ...names.map(([key, name]) =>
      of(`rise of the loss, ${name}`, ({ sharpness }) => {
        const value = sharpness?.[key];
        const error = key in errorsOf ? sharpness?.[errorsOf[key as keyof typeof errorsOf]] : undefined;
        return value === undefined ? undefined : withError(value, error);
      }),
    ),
  ];
}

function blockRows(of: Of, runs: readonly RunAnalysis[]): readonly MeasureRow[] {
  const names = [...new Set(runs.flatMap(({ blocks = [] }) => blocks.map(({ name }) => name)))];
  return names.flatMap((name) => {
    const blockOf = ({ blocks = [] }: RunAnalysis) => blocks.find((block) => block.name === name);
    return [
      of(`largest eigenvalue, ${name}`, (run) => {
        const block = blockOf(run);
        return block && withError(block.eigenvalue, block.residual);
      }),
      of(`trace, ${name}`, (run) => {
        const block = blockOf(run);
        return block && withError(block.trace.mean, block.trace.standardError);
      }),
    ];
  });
}
