import type { RunAnalysis } from './results.js';

/** A run of which no more is known than that it was judged. */
export function runAnalysis(more: Partial<RunAnalysis> = {}): RunAnalysis {
  return {
    run: 'runs/mine',
    name: 'sam',
    dataset: 'digits',
    model: 'mlp',
    seed: 0,
    weights: 'last',
    step: 120,
    backend: 'cpu',
    part: 'train',
    examples: 1024,
    partExamples: 4000,
    batchSize: 256,
    drawnBy: 0,
    normalizedLogits: false,
    parameters: 100,
    loss: 0.0213,
    metrics: { accuracy: 0.99 },
    gradientNorm: 0.004,
    ...more,
  };
}

export const curvature = {
  eigenvalues: [12.304, 3, 2, 1, 0.5],
  eigenvalueErrors: [0.018, 0.1, 0.1, 0.1, 0.1],
  converged: [true, true, true, true, true],
  trace: 154.4,
  traceError: 6.2,
  differenceStep: 0.01,
  differenceError: 1e-3,
};

export const sharpness = {
  rho: 0.05,
  rhoFrom: 'run',
  rhoPerWeight: 0.005,
  oneStep: 0.3,
  worstCase: 0.3104,
  worstCaseLinf: 0.2,
  average: 0.01,
  averageError: 0.001,
  m: 256,
  mSharpness: 0.4,
  mSharpnessError: 0.03,
  oneStepAdaptive: 0.1,
  worstCaseAdaptive: 0.11,
} as const;
