import { type LoadedBackend, loadBackend } from '@flatmin/backend';
import { checkpointDirectory, progress } from '@flatmin/training/node';
import path from 'node:path';
import { writeReport } from '../report/report.js';
import { summarize } from '../report/summary.js';
import { textTable } from '../report/table.js';
import { readConfig } from './config/checkConfig.js';
import { type RunConfig, seedsOf } from './config/runConfig.js';
import { runExperiment } from './experiment/experiment.js';
import { methodName } from './experiment/methodName.js';
import { ResultsDirectory } from './experiment/resultsDirectory.js';
import type { RunRecord } from './experiment/runRecord.js';
import { officialContainer } from '../official.js';

/** Trains what a config file says, once a seed, and writes config, metrics, report and checkpoints. */
export async function trainCommand(
  file: string,
  options: { readonly out?: string; readonly check?: true; readonly eager?: true },
): Promise<void> {
  const container = officialContainer();
  const config = await readConfig(file, container);
  if (options.check) {
    process.stdout.write(`${file} is valid.\n`);
    return;
  }
  const backend = await loadBackend(config.backend);
  const directory = await ResultsDirectory.create(options.out, config);
  const interrupt = new AbortController();
  process.once('SIGINT', () => interrupt.abort());
  const method = methodName(config.optimizer);
  const runs: RunRecord[] = [];
  try {
    for (const seed of seedsOf(config)) {
      if (interrupt.signal.aborted) break;
      process.stderr.write(`${method}, seed ${seed}, on ${backend.name}\n`);
      const checkpoints = checkpointDirectory(path.join(directory.path, `checkpoint-seed-${seed}`));
      const context = {
        container,
        checkpoints,
        signal: interrupt.signal,
        eager: options.eager,
        write: directory.write,
        callbacks: [progress()],
      };
      runs.push(await runExperiment({ ...config, method, seed }, context));
    }
  } finally {
    await directory.close();
  }
  // A run that was interrupted in its first epoch has nothing to show.
  await finish(
    config,
    directory.path,
    runs.filter(({ history }) => history.length > 0),
    backend,
  );
  if (!interrupt.signal.aborted) return;
  process.stderr.write(`Interrupted: the results are those so far. Checkpoints are in ${directory.path}.\n`);
  process.exitCode = 130;
}

async function finish(
  config: RunConfig,
  directory: string,
  runs: readonly RunRecord[],
  backend: LoadedBackend,
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
      written: new Date().toISOString(),
    },
  });
  process.stdout.write(`Results: ${directory}\nReport: ${report}\n`);
}
