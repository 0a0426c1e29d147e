import type { CheckpointStorage, StoredFiles } from '@flatmin/core';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { storedCheckpoints, type StoredCheckpoints, type StoredCheckpointsOptions } from '../storedCheckpoints.js';
import { type Files, unfinished, writeWhole } from './writeWhole.js';

/**
 * Keeps the latest checkpoints of one run as files in a directory, which is made when needed and belongs to the run.
 *
 * Each is always whole: it is written under another name, forced to disk, and then renamed, so a crash at any moment leaves it
 * there or not.
 *
 * @example
 * ```ts fragment
 * const checkpoints = checkpointDirectory('runs/mine');
 * await train({ ...options, checkpoints, resume: await checkpoints.latest() });
 * ```
 */
export function checkpointDirectory(
  directory: string,
  options: StoredCheckpointsOptions = {},
  files?: Files,
): StoredCheckpoints {
  return storedCheckpoints(filesIn(directory, files), options);
}

/** Checkpoints as files: what `flatmin train` uses unless a module of the container binds another storage. */
export const fileStorage: CheckpointStorage = { open: (place) => filesIn(place) };

function filesIn(directory: string, files?: Files): StoredFiles {
  return {
    place: directory,
    async names() {
      return (await allNames(directory)).filter((name) => !unfinished.test(name));
    },
    read: (name) => readFile(path.join(directory, name)),
    async write(name, bytes) {
      await mkdir(directory, { recursive: true });
      await writeWhole(path.join(directory, name), bytes, files);
      // What a crash left half written, of this name or another.
      const left = (await allNames(directory)).filter((each) => unfinished.test(each));
      for (const each of left) await rm(path.join(directory, each), { force: true });
    },
    remove: (name) => rm(path.join(directory, name), { force: true }),
  };
}

async function allNames(directory: string): Promise<string[]> {
  return readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
}
