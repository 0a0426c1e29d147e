import type { LoadedBackend } from '@flatmin/backend';
import type { Callbacks } from '@flatmin/training';
import type { RunConfig } from '../config/runConfig.js';
import { type ConfigOrigin, relocatedConfig } from '../run/relocatedConfig.js';
import { ResultsDirectory } from '../run/resultsDirectory.js';
import { runSeeds } from '../run/runSeeds.js';
import type { RunRecord } from '../run/runRecord.js';

export interface CellRun extends ConfigOrigin {
  readonly folder: string;
  /** Of one seed. */
  readonly config: RunConfig;
  readonly backend: LoadedBackend;
  readonly signal: AbortSignal;
  readonly callbacks: readonly Callbacks[];
}

/**
 * Trains a cell in its folder, or goes on with it, as `flatmin train` does; its record, or undefined where the signal
 * came before it began.
 *
 * @throws FlatminError RUN_INVALID where another process has the folder.
 */
export async function runCell(run: CellRun): Promise<RunRecord | undefined> {
  const { folder, config, container, backend, signal, callbacks } = run;
  const directory = ResultsDirectory.isRun(folder)
    ? ResultsDirectory.resume(folder)
    : await ResultsDirectory.create(folder, Date.now(), (place) => relocatedConfig(config, run, place));
  try {
    const context = { container, directory, backend, signal, callbacks, measuresMemory: true };
    for await (const record of runSeeds(config, context)) return record;
    return undefined;
  } finally {
    await directory.close();
  }
}
