import type { LoadedBackend } from '@flatmin/backend';
import { type RunConfig, seedsOf } from '../config/runConfig.js';
import { nameOfRun } from '../run/methodName.js';
import type { RunRecord } from '../run/runRecord.js';
import { compared } from '../statistics/comparison.js';
import { runsAsGrid } from '../statistics/runsAsGrid.js';
import { counted } from '../terminal/counted.js';
import { print } from '../terminal/terminal.js';
import { printComparison } from './printComparison.js';
import { writeComparisonReport } from './report.js';

/**
 * Prints the results of `flatmin train` and writes its report; nothing where there are no results.
 *
 * @returns the file of the report.
 */
export async function reportTraining(
  config: RunConfig,
  directory: string,
  runs: readonly RunRecord[],
  { backend, now }: { readonly backend: LoadedBackend; readonly now: number },
): Promise<string | undefined> {
  // A run that was interrupted in its first epoch has nothing to show.
  const shown = runs.filter(({ history, failure }) => history.length > 0 || failure !== undefined);
  if (shown.length === 0) return undefined;
  const seeds = seedsOf(config);
  const results = runsAsGrid(shown, config, seeds);
  print('');
  printComparison(compared(results));
  const { dataset, model, optimizer, epochs, batchSize } = config;
  const report = await writeComparisonReport(directory, results, {
    title: `flatmin train: ${nameOfRun(config)} on ${dataset.use}`,
    introduction: [
      `${model.use} on ${dataset.use}, ${shown.length === seeds.length ? '' : `${shown.length} of `}` +
        `${counted(seeds.length, 'seed')}, ${counted(epochs, 'epoch')}, batch ${batchSize}. Test figures are those of the ` +
        'weights at the end of a run.',
      ...shown
        .filter(({ stopped }) => stopped)
        .map(({ seed, steps }) => `Seed ${seed} was interrupted at step ${steps}.`),
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
  return report;
}
