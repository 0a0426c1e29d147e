import type { FlatminContainer } from '@flatmin/core';
import { ProblemList } from '@flatmin/core/internal';
import type { DataSet } from '@flatmin/core/plugin';
import { rehearse } from '@flatmin/training';
import { type RunConfig, seedsOf } from '../config/runConfig.js';
import type { Experiment } from './experiment.js';
import { nameOfRun } from './methodName.js';
import { prepare, prepareParts, problemsOfOptimizer } from './prepare.js';
import { trainOptionsOf } from './runExperiment.js';

/** The run of a seed. */
export function experimentOf(config: RunConfig, seed: number): Experiment {
  return { ...config, method: nameOfRun(config), seed };
}

/**
 * Refuses a config that cannot be run on a data set that is open: builds model and optimizer for it. The backend has to
 * be loaded.
 *
 * @param source names the config in errors.
 * @throws FlatminError with all that is wrong, by path.
 */
export async function checkWithData(
  config: RunConfig,
  dataset: DataSet,
  container: FlatminContainer,
  source: string,
): Promise<void> {
  const experiment = experimentOf(config, seedsOf(config)[0] as number);
  const problems = new ProblemList();
  const parts = await prepareParts(experiment, dataset, container, problems);
  try {
    problems.addAll(problemsOfOptimizer(experiment, parts, container), 'optimizer');
    problems.throwAll(source);
  } finally {
    parts.dispose();
  }
}

/**
 * Refuses a config that cannot be run, by doing what its run does before the first step: opens the data, builds model
 * and optimizer for it, and with `rehearses` takes a step on the first batch and evaluates the first batch of each
 * part, which is undone. The backend has to be loaded.
 *
 * @param source names the config in errors.
 * @throws FlatminError with all that is wrong, by path.
 */
export async function checkRun(
  config: RunConfig,
  container: FlatminContainer,
  { source, rehearses }: { readonly source: string; readonly rehearses: boolean },
): Promise<void> {
  const experiment = experimentOf(config, seedsOf(config)[0] as number);
  // Said before it begins, as it may take long.
  process.stderr.write(`Reading data: ${config.dataset.use}\n`);
  const prepared = await prepare(experiment, container, source);
  try {
    if (rehearses) await rehearse(await trainOptionsOf(experiment, prepared));
  } finally {
    prepared.dispose();
  }
}
