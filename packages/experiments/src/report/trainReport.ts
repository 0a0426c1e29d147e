import type { LoadedBackend } from '@flatmin/backend';
import { type RunConfig, seedsOf } from '../config/runConfig.js';
import { nameOfRun } from '../run/methodName.js';
import type { RunRecord } from '../run/runRecord.js';
import { print } from '../terminal/terminal.js';
import { writeReport } from './report.js';
import { leftOut, summarize } from './summary.js';
import { textTable } from './table.js';

/** Prints the results of `flatmin train` and writes its report; nothing where there are no results. */
export async function reportTraining(
  config: RunConfig,
  directory: string,
  runs: readonly RunRecord[],
  { backend, now }: { readonly backend: LoadedBackend; readonly now: number },
): Promise<void> {
  // A run that was interrupted in its first epoch has nothing to show.
  const shown = runs.filter(({ history, failure }) => history.length > 0 || failure !== undefined);
  if (shown.length === 0) return;
  print('');
  for (const { text } of leftOut(shown)) print(text);
  print(`${textTable(summarize(shown))}\n`);
  const { dataset, model, optimizer, epochs, batchSize } = config;
  const count = seedsOf(config).length;
  const report = await writeReport(directory, shown, {
    title: `flatmin train: ${nameOfRun(config)} on ${dataset.use}`,
    introduction: [
      `${model.use} on ${dataset.use}, ${shown.length === count ? '' : `${shown.length} of `}${count} ` +
        `${count === 1 ? 'seed' : 'seeds'}, ${epochs} epochs, batch ${batchSize}. Accuracy is that on the test part after the ` +
        'last epoch.',
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
  print(`Results: ${directory}\nReport: ${report}`);
}
