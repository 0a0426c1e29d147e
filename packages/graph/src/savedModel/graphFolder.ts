import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const prefix = 'flatmin-graph-';
const named = /^flatmin-graph-(\d+)-/;

let isSwept = false;

/**
 * Runs `use` on a new folder, which is there for as long. The name says whose it is: a process that is killed leaves it
 * behind.
 */
export function inGraphFolder<T>(use: (folder: string) => T): T {
  if (!isSwept) sweepGraphFolders();
  isSwept = true;
  const folder = mkdtempSync(path.join(tmpdir(), `${prefix}${process.pid}-`));
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Removes the folders of processes that are no more. What cannot be removed, as somebody else's, stays. */
export function sweepGraphFolders(): void {
  for (const name of namesIn(tmpdir())) {
    const owner = named.exec(name)?.[1];
    if (owner === undefined || isRunning(Number(owner))) continue;
    try {
      rmSync(path.join(tmpdir(), name), { recursive: true, force: true });
    } catch {
      // Another user's: it is for them to remove.
    }
  }
}

/** None of a folder that cannot be read: the next one to be made in it says why. */
function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is another user's, and runs.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
