import { writeWhole } from '@flatmin/training/node';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { outcomeIn } from '../cells/cellFolder.js';
import type { PlacedCell } from '../compare/runCells.js';
import { type ConfigOrigin, relocatedConfig } from '../run/relocatedConfig.js';
import { ResultsDirectory } from '../run/resultsDirectory.js';
import { RunLock } from '../run/runLock.js';
import type { CellOutcome } from '../statistics/results.js';
import type { RunStorage } from './runStorage.js';
import { restoreSnapshot } from './snapshot.js';

/**
 * Brings a run that has ended elsewhere into the folder of its cell, whole or not at all, with its config as a run that
 * was trained here has it.
 *
 * @returns undefined where another call is about it.
 */
export async function takeRun(
  { cell: { config }, id, folder }: PlacedCell,
  storage: RunStorage,
  origin: ConfigOrigin & { readonly backend: string },
): Promise<CellOutcome | undefined> {
  if (RunLock.isTaken(folder)) return undefined;
  const passing = path.join(path.dirname(folder), `.taking-${id}`);
  await mkdir(passing, { recursive: true });
  if (RunLock.isTaken(passing)) return undefined;
  const lock = RunLock.take(passing);
  try {
    const run = path.join(passing, 'run');
    if (!(await restoreSnapshot(storage, id, run))) return gone(storage);
    const text = `${JSON.stringify(relocatedConfig(config, origin, folder), null, 2)}\n`;
    await writeWhole(ResultsDirectory.configOf(run), new TextEncoder().encode(text));
    const outcome = await outcomeIn(run, config, origin.backend);
    if (outcome.record === undefined) return gone(storage);
    if (existsSync(folder)) await rm(folder, { recursive: true });
    await rename(run, folder);
    return { ...outcome, folder };
  } finally {
    lock.release();
    await rm(passing, { recursive: true, force: true });
  }
}

const gone = ({ place }: RunStorage): CellOutcome => ({
  status: 'failed',
  reason: `its results are not in ${place}, though a worker told that it had ended`,
});
