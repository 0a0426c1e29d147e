import { FlatminError } from '@flatmin/core';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Checkpoint, CheckpointStore } from '../checkpoint.js';
import { decodeCheckpoint, encodeCheckpoint } from '../checkpointFormat.js';

const fileName = 'checkpoint.flatmin';

/**
 * Keeps the latest checkpoint as a file in a directory, which is made when needed.
 *
 * The file is always whole: a new one is written beside it, forced to disk, and then renamed over it, so a crash at any
 * moment leaves the old or the new one.
 */
export function checkpointDirectory(directory: string): CheckpointStore {
  const place = path.join(directory, fileName);
  return {
    place,
    async save(checkpoint) {
      await mkdir(directory, { recursive: true });
      await writeWhole(place, await encodeCheckpoint(checkpoint));
    },
  };
}

/**
 * Reads the checkpoint in a directory, for `resume`; the caller disposes it with `disposeCheckpoint`.
 *
 * @throws FlatminError STATE_INVALID when there is none, or it is cut off, damaged, or of another format.
 */
export async function readCheckpoint(directory: string): Promise<Checkpoint> {
  const place = path.join(directory, fileName);
  let bytes: Uint8Array;
  try {
    bytes = await readFile(place);
  } catch (cause) {
    throw new FlatminError(
      'STATE_INVALID',
      `no checkpoint can be read from ${place}: ${(cause as Error).message}. Pass the directory that a run saved to.`,
      { cause },
    );
  }
  return decodeCheckpoint(bytes, place);
}

async function writeWhole(file: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    const handle = await open(temporary, 'w');
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
