import { isFlatminError } from '@flatmin/core';
import { writeWhole } from '@flatmin/training/node';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { outcomeIn, passingPrefix } from '../cells/cellFolder.js';
import type { PlacedCell } from '../compare/runCells.js';
import { type ConfigOrigin, relocatedConfig } from '../run/relocatedConfig.js';
import { ResultsDirectory } from '../run/resultsDirectory.js';
import { RunLock } from '../run/runLock.js';
import type { CellOutcome } from '../statistics/results.js';
import type { RunStorage } from './runStorage.js';
import { restoreSnapshot } from './snapshot.js';

/**
 * Brings a run that has ended elsewhere into the folder of its cell, whole or not at all, with its config as a run that
 * was trained here has it. Where another call for the folder was faster, its run stays.
 *
 * @returns undefined where a process of this machine trains it meanwhile.
 */
export async function takeRun(
  placed: PlacedCell,
  storage: RunStorage,
  origin: ConfigOrigin & { readonly backend: string },
): Promise<CellOutcome | undefined> {
  const { cell, id, folder } = placed;
  const cells = path.dirname(folder);
  const passing = await mkdtemp(path.join(cells, passingPrefix(id)));
  try {
    const run = path.join(passing, 'run');
    const isThere = await restoreSnapshot(storage, id, run);
    if (isThere) {
      const text = `${JSON.stringify(relocatedConfig(cell.config, origin, folder), null, 2)}\n`;
      await writeWhole(ResultsDirectory.configOf(run), new TextEncoder().encode(text));
    }
    const outcome = await outcomeIn(run, cell.config, origin.backend);
    const lock = await lockOn(cells);
    try {
      const here = await outcomeNow(placed, origin.backend);
      if (here.record !== undefined) return here;
      if (here.status === 'running') return undefined;
      if (!isThere || outcome.record === undefined) return gone(storage);
      await rm(folder, { recursive: true, force: true });
      await rename(run, folder);
      return { ...outcome, folder };
    } finally {
      lock.release();
    }
  } finally {
    await rm(passing, { recursive: true, force: true });
  }
}

const gone = ({ place }: RunStorage): CellOutcome => ({
  status: 'failed',
  reason: `its results are not in ${place}, although a worker reported that it had ended`,
});

/** How a cell stands in its folder, which another call may be replacing. */
export async function outcomeNow({ folder, cell }: PlacedCell, backend: string): Promise<CellOutcome> {
  try {
    return await outcomeIn(folder, cell.config, backend);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { status: 'missing' };
    throw error;
  }
}

/** The right to replace folders of cells, which nobody has for long. */
async function lockOn(cells: string): Promise<RunLock> {
  for (;;) {
    try {
      return RunLock.take(cells);
    } catch (error) {
      if (!isFlatminError(error)) throw error;
      await setTimeout(20 + 30 * Math.random());
    }
  }
}
