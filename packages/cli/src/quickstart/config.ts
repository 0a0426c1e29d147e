import type { Spec } from '@flatmin/core';

const base = { use: 'momentum', learningRate: 0.1, momentum: 0.9 } as const;

/** Where both LETS runs start: far too small for this task by earlier runs, to see whether they find their way up. */
export const startRadius = 0.02;

/**
 * Fixed before any of these runs was made: far too small, good, and too large in runs of another program on this data.
 */
export const fixedRadii = [startRadius, 0.5, 1] as const;

export const batchSize = 64;

/** Chosen so that all runs together take about a minute on two cores without the native backend. */
const defaultEpochs = 30;
const defaultSeeds = 3;

const sam: Spec = { use: 'sam', rho: startRadius, base };
const lets = (preset: 'paper' | 'robust'): Spec => ({ use: 'lets', preset, inner: sam });

/** What the quickstart compares, as `flatmin compare` would read it. */
export function quickstartConfig({
  epochs = defaultEpochs,
  seeds = defaultSeeds,
}: {
  readonly epochs?: number;
  readonly seeds?: number;
}) {
  return {
    dataset: { use: 'mnist1d', validation: 0.1 },
    model: { use: 'mlp', hidden: [100, 100] },
    methods: { SGD: base, SAM: sam, 'LETS-SAM, paper': lets('paper'), 'LETS-SAM, robust': lets('robust') },
    sweep: { 'methods.SAM.rho': fixedRadii },
    epochs,
    batchSize,
    validationBatchSize: batchSize,
    seeds: Array.from({ length: seeds }, (_, seed) => seed),
    learningRate: { schedule: 'cosine' },
    logEvery: 20,
    // Every run is known to fit.
    dryRun: false,
  };
}
