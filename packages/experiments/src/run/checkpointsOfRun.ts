import { type CheckpointStorage, type FlatminContainer, tokens } from '@flatmin/core';
import { storedCheckpoints, type StoredCheckpoints, type StoredCheckpointsOptions } from '@flatmin/training';
import { fileStorage } from '@flatmin/training/node';
import path from 'node:path';
import { warn } from '../terminal/terminal.js';

/**
 * The checkpoints of a seed of a run: in files of its folder, unless a module of the container binds another storage.
 */
export function checkpointsOfRun(
  container: FlatminContainer,
  directory: string,
  seed: number,
  options: Omit<StoredCheckpointsOptions, 'warn'> = {},
): StoredCheckpoints {
  const storage = container.find<CheckpointStorage>(tokens.CheckpointStorage) ?? fileStorage;
  return storedCheckpoints(storage.open(path.join(directory, `checkpoint-seed-${seed}`)), { ...options, warn });
}
