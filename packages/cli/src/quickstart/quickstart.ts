import { type BackendName, loadBackend } from '@flatmin/backend';
import type { Distribution } from '@flatmin/experiments';
import {
  comparisonDirectory,
  openComparison,
  openContainer,
  planComparison,
  withSettings,
} from '@flatmin/experiments/internal';
import { print, warn } from '@flatmin/experiments/terminal';
import { duration } from '@flatmin/training/node';
import { runComparison } from '../compare/runComparison.js';
import { compareText } from '../compare/text.js';
import { quickstartConfig } from './config.js';
import { quickstartText } from './text.js';

export interface QuickstartOptions {
  readonly epochs?: number;
  readonly seeds?: number;
  readonly workers?: number;
  readonly backend?: string;
  readonly out?: string;
  /** Open the report. */
  readonly open?: true;
  /** `path=value`, in place of what the quickstart has. */
  readonly set?: readonly string[];
}

/** Compares the methods of `config.ts` on MNIST-1D: a comparison like any other, whose config is ours. */
export async function quickstart(options: QuickstartOptions, distribution: Distribution): Promise<void> {
  const started = performance.now();
  const { container, refused } = await openContainer([], distribution);
  const asked = options.backend ?? process.env['FLATMIN_BACKEND'];
  const backend = await loadBackend((asked ?? 'auto') as BackendName | 'auto');
  const changed = options.set === undefined ? '' : `, with ${options.set.join(', ')}`;
  print(`MNIST-1D, an MLP 40-100-100-10: SGD, SAM at three radii, and LETS${changed}.`);
  print(
    `Backend: ${backend.name} ${backend.versions.backend} (${asked === undefined ? 'the best that loads here' : 'asked for'}).`,
  );
  const config = withSettings(quickstartConfig(options), options.set);
  const opened = openComparison(config, 'the quickstart', { container, requests: [], refused, distribution });
  const now = Date.now();
  const directory = await comparisonDirectory(options.out, now);
  const planned = await planComparison(opened, { backend, threads: 1, directory, say: warn });
  const { workers: jobs, open } = options;
  // What is said of the quickstart holds for its own settings.
  const text = options.set === undefined ? quickstartText(planned, now) : compareText(planned, now);
  await runComparison(planned, directory, text, {
    ...(jobs !== undefined && { jobs }),
    ...(open && { open }),
  });
  print(`Done in ${duration((performance.now() - started) / 1000)}.`);
}
