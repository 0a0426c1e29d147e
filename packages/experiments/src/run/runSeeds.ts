import type { LoadedBackend } from '@flatmin/backend';
import { type Clock, FlatminError, type FlatminContainer, tokens } from '@flatmin/core';
import { type Callbacks, disposeCheckpoint } from '@flatmin/training';
import { progress, tensorBoard } from '@flatmin/training/node';
import path from 'node:path';
import { type RunConfig, seedsOf } from '../config/runConfig.js';
import { warn } from '../terminal/terminal.js';
import { checkpointsOfRun } from './checkpointsOfRun.js';
import { runExperiment } from './runExperiment.js';
import { nameOfRun } from './methodName.js';
import type { ResultsDirectory } from './resultsDirectory.js';
import type { RunRecord } from './runRecord.js';
import { requireSameSettings, settingsOf } from './sameSettings.js';
import type { SeedProgress } from './seedProgress.js';

export interface SeedContext {
  readonly container: FlatminContainer;
  readonly directory: ResultsDirectory;
  readonly backend: LoadedBackend;
  readonly signal: AbortSignal;
  /** Who follows the run. Default: progress on standard error, and a line that says which run it is. */
  readonly callbacks?: readonly Callbacks[];
  /** Whether the end of a run tells the most memory that it took. */
  readonly measuresMemory?: boolean;
}

/**
 * Runs the seeds of a config, each as far as it is not done: what is known of it where it has ended, the rest of it
 * where it was interrupted, else all of it. One that diverges is a record like others, and the next has its turn.
 *
 * @throws FlatminError STATE_MISMATCH, before anything is trained, where a seed has ended under another config.
 */
export async function* runSeeds(config: RunConfig, context: SeedContext): AsyncGenerator<RunRecord> {
  const told = await context.directory.progress();
  for (const seed of seedsOf(config)) {
    if (told.get(seed)?.ended !== undefined) requireSame(seed, told.get(seed), config, context);
  }
  for (const seed of seedsOf(config)) {
    if (context.signal.aborted) return;
    const ended = told.get(seed)?.ended;
    if (ended?.failure !== undefined) {
      warn(`seed ${seed} diverged before, and stays so: its steps would be the same ones again`);
    }
    yield ended ?? (await runSeed(seed, told.get(seed), config, context));
  }
}

function requireSame(
  seed: number,
  told: SeedProgress | undefined,
  config: RunConfig,
  { directory, backend }: SeedContext,
): void {
  if (told?.settings !== undefined) {
    requireSameSettings(told.settings, settingsOf(config, backend.name), seed, directory.path);
    return;
  }
  // Lines of a version of flatmin that did not tell the settings name the method, at least.
  const [there, here] = [told?.ended?.method ?? '', nameOfRun(config)];
  if (told?.ended !== undefined && there !== here) {
    throw new FlatminError(
      'STATE_MISMATCH',
      `seed ${seed} in ${directory.path} was trained by ${there}, and the config says ${here}. Put config.json back, or train ` +
        'the changed config in a folder of its own.',
    );
  }
}

async function runSeed(
  seed: number,
  told: SeedProgress | undefined,
  config: RunConfig,
  context: SeedContext,
): Promise<RunRecord> {
  const { container, directory, backend, signal } = context;
  const method = nameOfRun(config);
  const checkpoints = checkpointsOfRun(container, directory.path, seed, { keep: config.keepCheckpoints });
  const clock = container.get<Clock>(tokens.Clock);
  const resume = await checkpoints.latest();
  try {
    if (resume !== undefined) requireSame(seed, told, config, context);
    // Without a checkpoint it starts again, with the config as it is now.
    const step = resume?.run.steps ?? -1;
    const past = told?.goesBeyond(step) === true ? await directory.goBack(seed, step) : told;
    if (context.callbacks === undefined) {
      warn(`${method}, seed ${seed}, on ${backend.name}${resume === undefined ? '' : `, from step ${step}`}`);
    }
    const { write } = directory;
    if (past?.settings === undefined) {
      write({ event: 'start', method, seed, step: 0, settings: settingsOf(config, backend.name) });
    }
    const events = path.join(directory.path, 'tensorboard', `seed-${seed}`);
    const shown = config.tensorBoard ? [tensorBoard(events, { clock })] : [];
    const following = context.callbacks ?? [progress({ clock: () => clock.elapsed() / 1000 })];
    const callbacks = [...following, ...shown, { onCheckpoint: directory.sync }];
    return await runExperiment(
      { ...config, method, seed },
      {
        ...{ container, checkpoints, resume, past: past?.record, signal, write, callbacks },
        measuresMemory: context.measuresMemory,
      },
    );
  } finally {
    disposeCheckpoint(resume);
  }
}
