import type { Analysis, RunAnalysis } from './results.js';

/**
 * An analysis as JSON for programs: of one run its object, of several `{ runs, line, plane, barrier }`; every number
 * under a plain name, with its error beside it. What is not a finite number is null, and `notFinite` counts those.
 */
export function analysisJson({ runs, ...between }: Analysis): string {
  const [first] = runs;
  const whole = runs.length === 1 && first ? plainRun(first) : { runs: runs.map(plainRun), ...between };
  let notFinite = 0;
  const text = JSON.stringify(whole, (_, value: unknown) => {
    if (typeof value !== 'number' || Number.isFinite(value)) return value;
    notFinite += 1;
    return null;
  });
  return `${JSON.stringify({ ...(JSON.parse(text) as object), notFinite }, null, 2)}\n`;
}

/** A run, with metrics and the numbers of its Hessian beside its loss. */
function plainRun({ metrics, hessian, gaussNewton, blocks, ...run }: RunAnalysis): object {
  return {
    ...run,
    ...metrics,
    ...hessian,
    ...(gaussNewton && { gaussNewton }),
    ...(blocks && {
      blocks: blocks.map(({ residual, trace, ...block }) => ({
        ...block,
        eigenvalueError: residual,
        trace: trace.mean,
        traceError: trace.standardError,
      })),
    }),
  };
}
