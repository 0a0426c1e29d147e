import { FlatminError, type FlatminContainer } from '@flatmin/core';
import {
  type Checkpoint,
  disposeCheckpoint,
  type NamedTensor,
  type RunState,
  type StoredCheckpoints,
} from '@flatmin/training';
import { readConfig, readJson, type ReadOptions } from '../config/checkConfig.js';
import { type RunConfig, seedsOf } from '../config/runConfig.js';
import type { Distribution } from '../plugins/distribution.js';
import { pluginsOfRun, type PluginTrust } from '../plugins/pluginsOfRun.js';
import { checkpointsOfRun } from './checkpointsOfRun.js';
import { ResultsDirectory } from './resultsDirectory.js';

/**
 * Weights of a run: the last ones, or the best ones that early stopping kept. If the optimizer evaluates with other
 * weights than it trains, they are those of evaluation.
 */
export type WhichWeights = 'best' | 'last';

/** Weights of a seed, in the order of the model's variables. */
export interface RunWeights {
  readonly which: WhichWeights;
  /** Steps that led to them. */
  readonly step: number;
  /** How the run stood when its last checkpoint was taken. */
  readonly state: RunState;
  /** The caller's to dispose. */
  readonly tensors: readonly NamedTensor[];
}

/** What `flatmin train` left in a folder. */
export interface OpenedRun {
  readonly directory: string;
  readonly config: RunConfig;
  /** Knows the plugins that the specs of the config name. */
  readonly container: FlatminContainer;
  /** Names of plugins that were refused; each has been said on standard error. */
  readonly refused: readonly string[];
  readonly seeds: readonly number[];
  /**
   * The weights of a seed.
   *
   * @param which default: those that the run ended with, or would have: the best ones where early stopping keeps them.
   * @throws FlatminError RUN_INVALID where there are none; STATE_INVALID where no checkpoint is whole.
   */
  weights(seed: number, which?: WhichWeights): Promise<RunWeights>;
  /** All checkpoints that a seed keeps. */
  checkpoints(seed: number): StoredCheckpoints;
}

/**
 * Opens the folder of a run for use after training: its config, those of its plugins that the user vouches for, and its
 * weights.
 *
 * @throws FlatminError RUN_INVALID if there is no run; PLUGIN_NOT_LOADED for plugins that the user neither names nor
 *   trusts.
 */
export async function openRun(
  directory: string,
  { set, ...trust }: PluginTrust & Pick<ReadOptions, 'set'>,
  distribution: Distribution,
): Promise<OpenedRun> {
  await requireRun(directory);
  const { config, container, refused } = await readConfig(ResultsDirectory.configOf(directory), distribution, {
    admit: (named) => pluginsOfRun(directory, named, trust),
    set,
  });
  return {
    directory,
    config,
    container,
    refused,
    seeds: seedsOf(config),
    weights: async (seed, which) => weightsOf(await lastCheckpoint(container, directory, seed), directory, seed, which),
    checkpoints: (seed) => checkpointsOfRun(container, directory, seed),
  };
}

/** @throws FlatminError RUN_INVALID where the folder holds no run of `flatmin train`. */
async function requireRun(directory: string): Promise<void> {
  if (!ResultsDirectory.isRun(directory)) {
    throw new FlatminError(
      'RUN_INVALID',
      `there is no run in ${directory}: config.json or metrics.jsonl is missing. Give the folder that flatmin train wrote, or one of the cells of a comparison.`,
    );
  }
  const { command } = ((await readJson(ResultsDirectory.configOf(directory))) ?? {}) as { readonly command?: unknown };
  if (command !== 'quickstart') return;
  throw new FlatminError(
    'RUN_INVALID',
    `${directory} holds the results of flatmin quickstart, which keeps no checkpoints. Give a folder that flatmin train wrote.`,
  );
}

async function lastCheckpoint(container: FlatminContainer, directory: string, seed: number): Promise<Checkpoint> {
  const checkpoint = await checkpointsOfRun(container, directory, seed).latest();
  if (checkpoint !== undefined) return checkpoint;
  throw new FlatminError(
    'RUN_INVALID',
    `seed ${seed} has no checkpoint in ${directory}. Train it first: flatmin train --resume ${directory}.`,
  );
}

function weightsOf(checkpoint: Checkpoint, directory: string, seed: number, asked?: WhichWeights): RunWeights {
  const { run, best } = checkpoint;
  const which = asked ?? (best.length > 0 ? 'best' : 'last');
  // Those that train where no others are evaluated.
  const group = which === 'best' ? 'best' : checkpoint.evaluated === undefined ? 'model' : 'evaluated';
  const { [group]: tensors = [] } = checkpoint;
  if (tensors.length === 0) {
    disposeCheckpoint(checkpoint);
    throw new FlatminError(
      'RUN_INVALID',
      `seed ${seed} in ${directory} has no best weights: they are kept only with earlyStopping. Use the last ones.`,
    );
  }
  disposeCheckpoint({ ...checkpoint, [group]: [] });
  return { which, state: run, step: which === 'best' ? (run.best?.step ?? run.steps) : run.steps, tensors };
}
