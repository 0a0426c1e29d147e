import type { CheckpointStorage, StoredFiles } from '@flatmin/core';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import {
  storedCheckpoints,
  type StoredCheckpoints,
  type StoredCheckpointsOptions,
} from '../checkpoint/storedCheckpoints.js';
import { type FileActions, type FileContent, isUnfinished, removeAbandoned, writeWhole } from './writeWhole.js';

/**
 * Keeps the latest checkpoints of one run as files in a directory, which is made when needed and belongs to the run.
 *
 * Each is always whole: it is written under another name, forced to disk, and then renamed, so a crash at any moment
 * leaves it there or not.
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
  files?: FileActions,
): StoredCheckpoints {
  return storedCheckpoints(filesIn(directory, files), options);
}

/** Checkpoints as files: what `flatmin train` uses unless a module of the container binds another storage. */
export const fileStorage: CheckpointStorage = { open: (place) => filesIn(place) };

function filesIn(directory: string, files?: FileActions): StoredFiles {
  const writeStream = async (name: string, content: FileContent): Promise<void> => {
    await mkdir(directory, { recursive: true });
    await writeWhole(path.join(directory, name), content, files);
    await removeAbandoned(directory);
  };
  return {
    place: directory,
    async names() {
      const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return [];
        throw error;
      });
      return names.filter((name) => !isUnfinished(name));
    },
    read: (name) => readFile(path.join(directory, name)),
    readStream: (name) => createReadStream(path.join(directory, name), { highWaterMark: 2 ** 20 }),
    write: writeStream,
    writeStream,
    remove: (name) => rm(path.join(directory, name), { force: true }),
  };
}
