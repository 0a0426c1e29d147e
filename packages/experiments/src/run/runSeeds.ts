import type { LoadedBackend } from '@flatmin/backend';
import { type Clock, FlatminError, type FlatminContainer, tokens } from '@flatmin/core';
import { type Callbacks, type Checkpoint, disposeCheckpoint } from '@flatmin/training';
import { progress, tensorBoard } from '@flatmin/training/node';
import path from 'node:path';
import { type RunConfig, seedsOf } from '../config/runConfig.js';
import { counted } from '../terminal/counted.js';
import { warn } from '../terminal/terminal.js';
import { checkpointsOfRun } from './checkpointsOfRun.js';
import { dependsOnLength, epochsOf, lengthened } from './extension.js';
import { flatSettings } from './flatSettings.js';
import { runExperiment } from './runExperiment.js';
import { nameOfRun } from './methodName.js';
import { mlflowOfRun, toldTo } from './mlflowOfRun.js';
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
  /** Whether seeds that were to have fewer epochs go on for those of the config. */
  readonly extend?: boolean;
}

/**
 * Runs the seeds of a config, each as far as it is not done: what is known of it where it has ended, the rest of it
 * where it was interrupted, else all of it. One that diverges is a record like others, and the next has its turn.
 *
 * With `extend` a seed whose epochs were fewer goes on from its last checkpoint, unless it diverged or stopped early.
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
    yield endedFor(config, seed, told.get(seed)) ?? (await runSeed(seed, told.get(seed), config, context));
  }
}

/** The record of a seed that has no more steps to take; says why it takes none of those that the config has. */
function endedFor({ epochs }: RunConfig, seed: number, told: SeedProgress | undefined): RunRecord | undefined {
  const ended = told?.ended;
  if (ended?.failure !== undefined) {
    warn(`seed ${seed} diverged before, and is not run again: its steps would be the same`);
  }
  const isLonger = epochs > (told?.epochs ?? ended?.history.length ?? epochs);
  if (!isLonger) return ended;
  if (told?.endedByItself !== true) return undefined;
  if (ended !== undefined && ended.failure === undefined) {
    warn(`seed ${seed} stopped early at step ${ended.steps}, and is not extended: it had stopped improving`);
  }
  return ended;
}

function requireSame(
  seed: number,
  told: SeedProgress | undefined,
  config: RunConfig,
  { directory, backend, extend }: SeedContext,
): void {
  if (told?.settings !== undefined) {
    const present = settingsOf(config, backend.name);
    // One that ended by itself would have done so all the same.
    const mayGrow = extend === true || told.endedByItself;
    const grows = mayGrow && (told.epochs ?? config.epochs) < config.epochs;
    requireSameSettings(told.settings, grows ? { ...present, epochs: told.epochs } : present, seed, directory.path);
    return;
  }
  // Lines of a version of flatmin that did not tell the settings name the method, at least.
  const [there, here] = [told?.ended?.method ?? '', nameOfRun(config)];
  if (told?.ended !== undefined && there !== here) {
    throw new FlatminError(
      'STATE_MISMATCH',
      `seed ${seed} in ${directory.path} was trained by ${there}, and the config says ${here}. Restore config.json, or train ` +
        'the changed config in another folder.',
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
  const latest = await checkpoints.latest();
  try {
    if (latest !== undefined) requireSame(seed, told, config, context);
    const resume = latest && grown(latest, seed, told, config, context);
    // Without a checkpoint it starts again, with the config as it is now.
    const step = resume?.run.steps ?? -1;
    const past = told?.goesBeyond(step) === true ? await directory.goBack(seed, step) : told;
    if (context.callbacks === undefined) {
      warn(`${method}, seed ${seed}, on ${backend.name}${resume === undefined ? '' : `, from step ${step}`}`);
    }
    const { write } = directory;
    const settings = settingsOf(config, backend.name);
    // Without a checkpoint its config may have changed, and MLflow changes no param.
    const goesOn = resume !== undefined || JSON.stringify(told?.settings) === JSON.stringify(settings);
    if (past?.settings === undefined) write({ event: 'start', method, seed, step: 0, settings });
    else if (past.epochs !== config.epochs) {
      write({ event: 'start', method, seed, step, settings, before: { epochs: past.epochs } });
    }
    const events = path.join(directory.path, 'tensorboard', `seed-${seed}`);
    const shown = config.tensorBoard ? [tensorBoard(events, { clock, hparams: flatSettings(settings, seed) })] : [];
    const following = context.callbacks ?? [progress({ clock: () => clock.elapsed() / 1000 })];
    const mlflow = mlflowOfRun(config, seed, settings, { clock, directory: directory.path, goesOn });
    const tracked = mlflow === undefined ? [] : [mlflow.callbacks];
    const callbacks = [...following, ...shown, ...tracked, { onCheckpoint: directory.sync }];
    return await toldTo(mlflow, clock, () =>
      runExperiment(
        { ...config, method, seed },
        {
          ...{ container, checkpoints, resume, past: past?.record, signal, write, callbacks },
          measuresMemory: context.measuresMemory,
        },
      ),
    );
  } finally {
    disposeCheckpoint(latest);
  }
}

/** The checkpoint to go on from, for as many epochs as the config has; says what a run from the start would not do. */
function grown(
  checkpoint: Checkpoint,
  seed: number,
  told: SeedProgress | undefined,
  config: RunConfig,
  { container, extend }: SeedContext,
): Checkpoint {
  const [before, { epochs }] = [epochsOf(checkpoint), config];
  // It may have been said that it is extended, and no step taken since.
  if (!(before < epochs) || (extend !== true && told?.epochs !== epochs)) return checkpoint;
  const paths = dependsOnLength(config, container);
  const { steps } = checkpoint.run;
  warn(
    `seed ${seed} continues from ${before} to ${counted(epochs, 'epoch')}. ` +
      (paths.length === 0
        ? `The result is that of a run of ${counted(epochs, 'epoch')}, because nothing in the config depends on the length.`
        : `Its ${steps} steps were taken with ${paths.join(' and ')} over ${counted(before, 'epoch')}, and the next ones follow that over ${epochs}: ` +
          `the result differs from a run of ${counted(epochs, 'epoch')} from the start.`),
  );
  return lengthened(checkpoint, epochs);
}
