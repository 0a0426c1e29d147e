import type { FlatminContainer } from '@flatmin/core';
import { rehearse } from '@flatmin/training';
import { type RunConfig, seedsOf } from '../config/runConfig.js';
import type { Experiment } from './experiment.js';
import { nameOfRun } from './methodName.js';
import { prepare } from './prepare.js';
import { trainOptionsOf } from './runExperiment.js';

/** The run of a seed. */
export function experimentOf(config: RunConfig, seed: number): Experiment {
  return { ...config, method: nameOfRun(config), seed };
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
