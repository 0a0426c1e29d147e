import * as nodeFiles from 'node:fs/promises';
import path from 'node:path';
import { hostName, isProcessAlive } from './processes.js';

/** What of `node:fs/promises` writes a file; tests pass one that fails. */
export type FileActions = Pick<typeof nodeFiles, 'open' | 'rename' | 'rm'>;

/** The bytes of a file, all at once or in pieces that are made when their turn comes. */
export type FileContent = Uint8Array | AsyncIterable<Uint8Array>;

/** How the files are called that are not yet whole: with the host and the process that write them. */
const unfinished = /\.(?:([\w-]+)~)?(\d+)\.tmp$/;

export const isUnfinished = (name: string): boolean => unfinished.test(name);

/** What this process is writing just now. */
const beingWritten = new Set<string>();

/** How long a file of another host, whose processes cannot be seen, must have lain still to be taken for abandoned. */
const patience = 3_600_000;

/**
 * Writes a file so that a crash at any moment leaves the old or the new one, never a part: beside it, forced to disk,
 * renamed over it, and the folder forced to disk, which is where the name stands.
 *
 * @throws what the file system throws; the old file is untouched then.
 */
export async function writeWhole(file: string, content: FileContent, files: FileActions = nodeFiles): Promise<void> {
  const temporary = `${file}.${hostName}~${process.pid}.tmp`;
  beingWritten.add(temporary);
  try {
    const handle = await files.open(temporary, 'w');
    try {
      // Each goes on where the one before it ended.
      if (content instanceof Uint8Array) await handle.writeFile(content);
      else for await (const piece of content) await handle.writeFile(piece);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await files.rename(temporary, file);
  } catch (error) {
    await files.rm(temporary, { force: true });
    throw error;
  } finally {
    beingWritten.delete(temporary);
  }
  await syncFolder(path.dirname(file), files);
}

/** Removes what processes that are gone left half written in a folder; what another one is writing stays. */
export async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await nodeFiles.readdir(folder)) {
    const file = path.join(folder, name);
    if (await isAbandoned(file)) await nodeFiles.rm(file, { force: true });
  }
}

async function isAbandoned(file: string): Promise<boolean> {
  const [, host = hostName, pid] = unfinished.exec(file) ?? [];
  if (pid === undefined) return false;
  if (host === hostName) {
    return Number(pid) === process.pid ? !beingWritten.has(file) : !isProcessAlive(Number(pid));
  }
  const { mtimeMs } = await nodeFiles.stat(file).catch(() => ({ mtimeMs: Infinity }));
  return Date.now() - mtimeMs > patience;
}

async function syncFolder(folder: string, files: FileActions): Promise<void> {
  // Windows opens no folders, and keeps names by itself.
  if (process.platform === 'win32') return;
  const handle = await files.open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
