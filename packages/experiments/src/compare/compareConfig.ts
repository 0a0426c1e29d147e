import { loadBackend } from '@flatmin/backend';
import { openContainer } from '../plugins/openContainer.js';
import type { Distribution } from '../plugins/distribution.js';
import type { GridResults } from '../statistics/results.js';
import { compare, type Shard } from './compare.js';
import { comparisonDirectory } from './comparisonFile.js';
import { openComparison } from './openComparison.js';
import { planComparison } from './planComparison.js';
import type { CellEvents } from './runCells.js';

export interface CompareConfigOptions {
  /**
   * Where the plugins are that the specs name: `import.meta.resolve('flatmin/node')`, and the version of the package.
   */
  readonly distribution: Distribution;
  /**
   * The folder of the comparison; default: `runs/<time>`. Runs that an earlier call has done there are not run again.
   */
  readonly out?: string;
  /** Processes at a time; default: one per core. */
  readonly jobs?: number;
  /** Threads of each process; default 1. The last digits of results depend on it. */
  readonly threads?: number;
  readonly shard?: Shard;
  readonly retryFailed?: boolean;
  /** Lets every run save a checkpoint and end. */
  readonly signal?: AbortSignal;
  /** Called with what happens to the runs. */
  readonly events?: Partial<CellEvents>;
}

/**
 * What `flatmin compare` does, except for its report: checks all of a config, runs what is missing in processes, and
 * returns the results.
 *
 * Cost: that of its runs, and about two seconds for each process to load TensorFlow.js.
 *
 * @param config the content of the command's JSON file.
 * @throws FlatminError SPEC_INVALID with every problem, before anything is run.
 * @example
 *   const results = await compareConfig(config, {
 *     out: 'runs/radius',
 *     distribution: { version: '1', plugins: import.meta.resolve('flatmin/node') },
 *   });
 *   console.log(verdictOf(compared(results)));
 */
export async function compareConfig(config: unknown, options: CompareConfigOptions): Promise<GridResults> {
  const { distribution, out, jobs, threads = 1, shard, retryFailed, events } = options;
  const { container, refused } = await openContainer([], distribution);
  const opened = openComparison(config, 'the config', { container, requests: [], refused, distribution });
  const backend = await loadBackend(opened.config.backend);
  const directory = await comparisonDirectory(out, Date.now());
  const planned = await planComparison(opened, { backend, threads, directory, say: () => undefined });
  const { signal = new AbortController().signal } = options;
  return compare(planned, { directory, jobs, shard, retryFailed, signal, events: { ...silent, ...events } });
}

const silent: CellEvents = {
  onStart: () => undefined,
  onProgress: () => undefined,
  onEnd: () => undefined,
  onLine: () => undefined,
  onWait: () => undefined,
};
