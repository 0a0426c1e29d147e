import type { Spec } from '@flatmin/core';
import type { Experiment } from '@flatmin/experiments/internal';

export interface Method {
  readonly name: string;
  /** What the row is, for the report. */
  readonly what: string;
  readonly optimizer: Spec;
}

const base = { use: 'momentum', learningRate: 0.1, momentum: 0.9 } as const;

/** Where both LETS runs start: far too small for this task by earlier runs, to see whether they find their way up. */
export const startRadius = 0.02;

/**
 * Fixed before any of these runs was made: far too small, good, and too large in runs of another program on this data.
 */
export const fixedRadii = [startRadius, 0.5, 1] as const;

const sam = (rho: number): Spec => ({ use: 'sam', rho, base });
const lets = (preset: 'paper' | 'robust'): Spec => ({ use: 'lets', preset, inner: sam(startRadius) });

/** What the quickstart compares, in the order of its table. */
export const methods: readonly Method[] = [
  { name: 'SGD', what: 'SGD with momentum 0.9: no perturbation', optimizer: base },
  ...fixedRadii.map((rho) => ({
    name: `SAM, rho ${rho}`,
    what: `SAM with rho fixed at ${rho}, the same base optimizer`,
    optimizer: sam(rho),
  })),
  {
    name: 'LETS-SAM, paper',
    what: `LETS as its paper states it, with constants of our own where we do not know the paper's; rho starts at ${startRadius}`,
    optimizer: lets('paper'),
  },
  {
    name: 'LETS-SAM, robust',
    what: `Our own changes to LETS (validation loss, projected secant, memory); rho starts at ${startRadius}`,
    optimizer: lets('robust'),
  },
];

export const batchSize = 64;

/** One run a method and seed, those with the most work first so that the last processes do not wait for a long one. */
export function experimentsOf(epochs: number, seeds: readonly number[]): readonly Experiment[] {
  return methods.flatMap(({ name, optimizer }) =>
    seeds.map((seed) => ({
      method: name,
      seed,
      // The seed also chooses which tenth of the training data is held out; all methods of a seed see the same split.
      dataset: { use: 'mnist1d', validation: 0.1, seed },
      model: { use: 'mlp', hidden: [100, 100] },
      optimizer,
      epochs,
      batchSize,
      validationBatchSize: batchSize,
      learningRate: { schedule: 'cosine' as const },
      logEvery: 20,
      evaluate: { parts: ['validation', 'test'] as const },
      // Every run is known to fit.
      dryRun: false,
    })),
  );
}

/** Gradient evaluations a step, about: how long a run takes in comparison, for the order of work and the time left. */
export function weightOf({ optimizer }: Experiment): number {
  if (optimizer.use === 'lets') return optimizer['preset'] === 'paper' ? 4 : 3;
  return optimizer.use === 'sam' ? 2 : 1;
}
