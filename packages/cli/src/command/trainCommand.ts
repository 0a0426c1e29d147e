import { loadBackend } from '@flatmin/backend';
import { type Clock, tokens } from '@flatmin/core';
import {
  reportTraining,
  type OpenedConfig,
  readConfig,
  readJson,
  requireExtension,
  type RunConfig,
  checkRun,
  withPathsTo,
  withSettings,
  openRun,
  ResultsDirectory,
  type RunRecord,
  runSeeds,
  relocated,
  namedHere,
} from '@flatmin/experiments/internal';
import { onInterruption, print, warn } from '@flatmin/experiments/terminal';
import type { Distribution } from '@flatmin/experiments';
import { openPage } from '../terminal/openPage.js';
import { UsageError } from '../terminal/usageError.js';

export interface TrainCommandOptions {
  readonly out?: string;
  readonly resume?: string;
  /** Give the run of `resume` more epochs and seeds. */
  readonly extend?: true;
  readonly check?: true;
  readonly eager?: true;
  readonly tensorboard?: true;
  /** Open the report. */
  readonly open?: true;
  /** `path=value`, in place of what the file has. */
  readonly set?: readonly string[];
  /** Packages or files whose plugins the specs may name. */
  readonly plugin?: readonly string[];
  /** Load the plugins that the folder of `resume` names. */
  readonly trust?: true;
}

/** Trains what a config file says, once a seed, and writes config, metrics, report and checkpoints. */
export async function trainCommand(
  file: string | undefined,
  options: TrainCommandOptions,
  distribution: Distribution,
): Promise<void> {
  const { file: source, directory: before } = sourceOf(file, options);
  const opened =
    before === undefined
      ? await openConfig(source, options, distribution)
      : await openFolder(before, options, distribution);
  const { config: read, container, refused, requests } = opened;
  const backend = await loadBackend(read.backend);
  await checkRun(read, container, { source, rehearses: options.check === true });
  if (options.check) {
    if (refused.length > 0) process.exitCode = 1;
    print(`${source} is valid${refused.length > 0 ? ', without what was refused' : ''}.`);
    return;
  }
  if (before === undefined) ResultsDirectory.requireFree(options.out);
  const config = {
    ...read,
    eager: options.eager ?? read.eager,
    tensorBoard: options.tensorboard ?? read.tensorBoard,
  };
  const now = (): number => container.get<Clock>(tokens.Clock).now();
  const directory =
    before === undefined
      ? await ResultsDirectory.create(options.out, now(), (path) =>
          relocatedConfig({ config, container, requests }, path),
        )
      : await resumed(before, options);
  const interruption = onInterruption();
  const runs: RunRecord[] = [];
  let report: string | undefined;
  try {
    try {
      const context = { container, directory, backend, signal: interruption.signal, extend: options.extend === true };
      for await (const run of runSeeds(config, context)) runs.push(run);
    } finally {
      // Also where a seed could not be run: what the others gave is not lost.
      report = await reportTraining(config, directory.path, runs, { backend, now: now() });
    }
  } finally {
    interruption.dispose();
    await directory.close();
  }
  if (options.open && report !== undefined) await openPage(report);
  const hasPlugins = (config.plugins?.length ?? 0) + requests.length > 0;
  sayHowItEnded(runs, interruption.exitCode, `${directory.path}${hasPlugins ? ' --trust' : ''}`);
}

/** On standard error and as the exit code: an interruption, or seeds that diverged. */
function sayHowItEnded(runs: readonly RunRecord[], interrupted: number | undefined, resume: string): void {
  const diverged = runs.filter(({ failure }) => failure !== undefined).map(({ seed }) => seed);
  if (diverged.length > 0) {
    warn(`flatmin: of ${runs.length} seeds ${diverged.length} diverged: ${diverged.join(', ')}.`);
    process.exitCode = 1;
  }
  if (interrupted === undefined) return;
  warn(`Interrupted: these are the results so far. Continue with: flatmin train --resume ${resume}`);
  process.exitCode = interrupted;
}

/** The config as `--resume` needs it: with the plugins of the command line, and paths from the folder of the run. */
function relocatedConfig(
  { config, container, requests }: Pick<OpenedConfig, 'config' | 'container' | 'requests'>,
  directory: string,
): RunConfig {
  const plugins = [...new Set(requests.map((request) => relocated(request, directory)))];
  const model = withPathsTo(config.model, container, directory);
  return { ...config, model, ...(plugins.length > 0 && { plugins }) };
}

/** The folder of a run to go on with; with the config that it is extended by. */
async function resumed(directory: string, { extend, set }: TrainCommandOptions): Promise<ResultsDirectory> {
  const results = ResultsDirectory.resume(directory);
  if (extend !== true || set === undefined) return results;
  try {
    const before = await readJson(ResultsDirectory.configOf(directory));
    const after = withSettings(before, set);
    requireExtension(before, after);
    await results.replaceConfig(after);
    return results;
  } catch (error) {
    await results.close();
    throw error;
  }
}

/** The config file, and the directory of the run to go on with. */
function sourceOf(
  file: string | undefined,
  { out, resume, trust, set, extend }: TrainCommandOptions,
): { readonly file: string; readonly directory?: string } {
  const refuse = (what: string): never => {
    throw new UsageError(`${what}. Use flatmin train config.json, or flatmin train --resume directory.`);
  };
  if (resume === undefined) {
    if (file === undefined) return refuse('there is no config file');
    if (extend === true) return refuse('--extend is for a run that was trained: it needs --resume directory');
    if (trust === true)
      return refuse('--trust is for the plugins of a run folder; those of a config that you give are always loaded');
    return { file };
  }
  if (set !== undefined && extend !== true) {
    return refuse(
      `--resume ${resume} uses the config of that run, which --set would change. Add --extend for more epochs and seeds`,
    );
  }
  if (file !== undefined || out !== undefined) {
    return refuse(`--resume ${resume} uses the config and the directory of that run: give neither`);
  }
  return { file: ResultsDirectory.configOf(resume), directory: resume };
}

/** What there is to train by a config that the user gives, plugins and all. */
function openConfig(
  file: string,
  { plugin, set }: TrainCommandOptions,
  distribution: Distribution,
): Promise<OpenedConfig> {
  return readConfig(file, distribution, { admit: (named) => [...named, ...namedHere(plugin)], set });
}

/** The same by the config of a run folder, which may be a stranger's. */
async function openFolder(
  directory: string,
  { plugin, trust, set }: TrainCommandOptions,
  distribution: Distribution,
): Promise<OpenedConfig> {
  return { ...(await openRun(directory, { plugin, trust, set }, distribution)), requests: [] };
}
