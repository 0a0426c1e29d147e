import * as nodeFiles from 'node:fs/promises';
import path from 'node:path';

/** What of `node:fs/promises` writes a file; tests pass one that fails. */
export type FileActions = Pick<typeof nodeFiles, 'open' | 'rename' | 'rm'>;

/** How the files are called that are not yet whole; what a crash leaves of them may be removed. */
export const unfinished = /\.tmp$/;

/**
 * Writes a file so that a crash at any moment leaves the old or the new one, never a part: beside it, forced to disk,
 * renamed over it, and the folder forced to disk, which is where the name stands.
 *
 * @throws what the file system throws; the old file is untouched then.
 */
export async function writeWhole(file: string, bytes: Uint8Array, files: FileActions = nodeFiles): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    const handle = await files.open(temporary, 'w');
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await files.rename(temporary, file);
  } catch (error) {
    await files.rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(path.dirname(file), files);
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
