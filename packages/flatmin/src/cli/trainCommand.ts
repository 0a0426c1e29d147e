import { type LoadedBackend, loadBackend } from '@flatmin/backend';
import { type Clock, FlatminError, type FlatminContainer, tokens } from '@flatmin/core';
import { disposeCheckpoint } from '@flatmin/training';
import { progress, tensorBoard } from '@flatmin/training/node';
import path from 'node:path';
import { writeReport } from '../report/report.js';
import { summarize } from '../report/summary.js';
import { textTable } from '../report/table.js';
import { type OpenedConfig, readConfig } from './config/checkConfig.js';
import { type RunConfig, seedsOf } from './config/runConfig.js';
import { checkpointsOfRun } from './experiment/checkpointsOfRun.js';
import { checkRun } from './experiment/checkRun.js';
import { withPathsTo } from './config/specPaths.js';
import { runExperiment } from './experiment/experiment.js';
import { methodName } from './experiment/methodName.js';
import { openRun } from './experiment/openRun.js';
import { ResultsDirectory } from './experiment/resultsDirectory.js';
import type { RunRecord } from './experiment/runRecord.js';
import { relocated } from './plugins/loadPlugin.js';
import { namedHere } from './plugins/openContainer.js';

export interface TrainCommandOptions {
  readonly out?: string;
  readonly resume?: string;
  readonly check?: true;
  readonly eager?: true;
  readonly tensorboard?: true;
  /** Packages or files whose plugins the specs may name. */
  readonly plugin?: readonly string[];
  /** Load the plugins that the folder of `resume` names. */
  readonly trust?: true;
}

/** Trains what a config file says, once a seed, and writes config, metrics, report and checkpoints. */
export async function trainCommand(file: string | undefined, options: TrainCommandOptions): Promise<void> {
  const { file: source, directory: before } = sourceOf(file, options);
  const { config: read, container, refused, requests } = await openSource(source, before, options);
  const backend = await loadBackend(read.backend);
  await checkRun(read, container, { source, rehearses: options.check === true });
  if (options.check) {
    if (refused.length > 0) process.exitCode = 1;
    process.stdout.write(`${source} is valid${refused.length > 0 ? ', without what was refused' : ''}.\n`);
    return;
  }
  if (before === undefined) ResultsDirectory.requireNone(options.out);
  const config = {
    ...read,
    eager: options.eager ?? read.eager,
    tensorBoard: options.tensorboard ?? read.tensorBoard,
  };
  const directory =
    before === undefined
      ? await createResults(options, { config, container, requests })
      : ResultsDirectory.resume(before);
  const interrupt = new AbortController();
  process.once('SIGINT', () => interrupt.abort());
  const runs: RunRecord[] = [];
  try {
    for (const seed of seedsOf(config)) {
      if (interrupt.signal.aborted) break;
      runs.push(await runSeed(seed, config, { container, directory, backend, signal: interrupt.signal }));
    }
  } finally {
    directory.close();
  }
  // A run that was interrupted in its first epoch has nothing to show.
  const shown = runs.filter(({ history }) => history.length > 0);
  await finish(config, directory.path, shown, { backend, now: container.get<Clock>(tokens.Clock).now() });
  if (!interrupt.signal.aborted) return;
  process.stderr.write(
    `Interrupted: the results are those so far. Go on with: flatmin train --resume ${directory.path}${
      (config.plugins?.length ?? 0) + requests.length > 0 ? ' --trust' : ''
    }\n`,
  );
  process.exitCode = 130;
}

/** A directory for results, with the config as `--resume` needs it: with the plugins of the command line, their paths from there. */
async function createResults(
  { out }: TrainCommandOptions,
  { config, container, requests }: Pick<OpenedConfig, 'config' | 'container' | 'requests'>,
): Promise<ResultsDirectory> {
  const directory = out ?? ResultsDirectory.nameAt(container.get<Clock>(tokens.Clock).now());
  const plugins = [...new Set(requests.map((request) => relocated(request, directory)))];
  const model = withPathsTo(config.model, container, directory);
  return ResultsDirectory.create(directory, { ...config, model, ...(plugins.length > 0 && { plugins }) });
}

/** The config file, and the directory of the run to go on with. */
function sourceOf(
  file: string | undefined,
  { out, resume, trust }: TrainCommandOptions,
): { readonly file: string; readonly directory?: string } {
  const refuse = (what: string): never => {
    throw new FlatminError(
      'RUN_INVALID',
      `${what}. Use flatmin train config.json, or flatmin train --resume directory.`,
    );
  };
  if (resume === undefined) {
    if (file === undefined) return refuse('there is no config file');
    if (trust === true)
      return refuse('--trust is for the plugins of a run folder; those of a config that you give are loaded');
    return { file };
  }
  if (file !== undefined || out !== undefined) {
    return refuse(`--resume ${resume} goes on with the config and in the directory of that run: give neither`);
  }
  return { file: ResultsDirectory.configOf(resume), directory: resume };
}

/** What there is to train: by a config that the user gives, plugins and all, or that of a run folder, which may be a stranger's. */
async function openSource(
  file: string,
  directory: string | undefined,
  { plugin, trust }: TrainCommandOptions,
): Promise<OpenedConfig> {
  if (directory === undefined) return readConfig(file, (named) => [...named, ...namedHere(plugin)]);
  return { ...(await openRun(directory, { plugin, trust })), requests: [] };
}

interface SeedContext {
  readonly container: FlatminContainer;
  readonly directory: ResultsDirectory;
  readonly backend: LoadedBackend;
  readonly signal: AbortSignal;
}

/** The run of a seed: what is known of it where it has ended, the rest of it where it was interrupted, else all of it. */
async function runSeed(seed: number, config: RunConfig, context: SeedContext): Promise<RunRecord> {
  const { container, directory, backend, signal } = context;
  const method = methodName(config.optimizer);
  const finished = await directory.finished(method, seed);
  if (finished !== undefined) return finished;
  const checkpoints = checkpointsOfRun(container, directory.path, seed, { keep: config.keepCheckpoints });
  const clock = container.get<Clock>(tokens.Clock);
  const resume = await checkpoints.latest();
  const from = resume === undefined ? '' : `, from step ${resume.run.steps}`;
  process.stderr.write(`${method}, seed ${seed}, on ${backend.name}${from}\n`);
  try {
    const past = await directory.goBack(method, seed, resume?.run.steps ?? 0);
    const events = path.join(directory.path, 'tensorboard', `seed-${seed}`);
    const shown = config.tensorBoard ? [tensorBoard(events, { clock })] : [];
    const callbacks = [progress({ clock: () => clock.elapsed() / 1000 }), ...shown, { onCheckpoint: directory.sync }];
    const { write } = directory;
    return await runExperiment(
      { ...config, method, seed },
      { container, checkpoints, resume, past, signal, write, callbacks },
    );
  } finally {
    disposeCheckpoint(resume);
  }
}

async function finish(
  config: RunConfig,
  directory: string,
  runs: readonly RunRecord[],
  { backend, now }: { readonly backend: LoadedBackend; readonly now: number },
): Promise<void> {
  if (runs.length === 0) return;
  process.stdout.write(`\n${textTable(summarize(runs))}\n\n`);
  const { dataset, model, optimizer, epochs, batchSize } = config;
  const report = await writeReport(directory, runs, {
    title: `flatmin train: ${methodName(optimizer)} on ${dataset.use}`,
    introduction: [
      `${model.use} on ${dataset.use}, ${runs.length} ${runs.length === 1 ? 'seed' : 'seeds'}, ${epochs} epochs, batch ` +
        `${batchSize}. Accuracy is that on the test part after the last epoch.`,
    ],
    notes: [],
    facts: {
      dataset: JSON.stringify(dataset),
      model: JSON.stringify(model),
      optimizer: JSON.stringify(optimizer),
      'learning rate': JSON.stringify(config.learningRate ?? 'as in the optimizer'),
      backend: `${backend.name} ${backend.versions.backend}`,
      node: backend.versions.node,
      written: new Date(now).toISOString(),
    },
  });
  process.stdout.write(`Results: ${directory}\nReport: ${report}\n`);
}
