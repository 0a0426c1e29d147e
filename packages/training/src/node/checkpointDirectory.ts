import { FlatminError } from '@flatmin/core';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Checkpoint, CheckpointStore } from '../checkpoint.js';
import { decodeCheckpoint, encodeCheckpoint } from '../checkpointFormat.js';
import { type FileActions, unfinished, writeWhole } from './writeWhole.js';

export interface CheckpointDirectoryOptions {
  /** Checkpoints that are kept, the latest ones; default 3. */
  readonly keep?: number;
  /** Gets a line about each file that `latest` cannot use; default: a warning on the console. */
  readonly warn?: (line: string) => void;
}

export interface CheckpointDirectory extends CheckpointStore {
  /**
   * The newest checkpoint that is whole, for `resume`; undefined where none was ever saved. The caller disposes it with
   * `disposeCheckpoint`.
   *
   * @throws FlatminError STATE_INVALID where there are some, and each is cut off, damaged, or of another format.
   */
  latest(): Promise<Checkpoint | undefined>;
}

const nameOf = (step: number): string => `checkpoint-${String(step).padStart(6, '0')}.flatmin`;
const named = /^checkpoint-(\d{6,})\.flatmin$/;

/**
 * Keeps the latest checkpoints of one run as files in a directory, which is made when needed: `checkpoint-000120.flatmin` is that of
 * step 120.
 *
 * Each is always whole: it is written under another name, forced to disk, and then renamed, so a crash at any moment leaves it
 * there or not. The directory belongs to one run: after a checkpoint is written, those of later steps, which are of a course
 * that the run no longer takes, and all but the last `keep` are removed.
 *
 * @example
 * ```ts fragment
 * const checkpoints = checkpointDirectory('runs/mine');
 * await train({ ...options, checkpoints, resume: await checkpoints.latest() });
 * ```
 */
export function checkpointDirectory(
  directory: string,
  options: CheckpointDirectoryOptions = {},
  files?: FileActions,
): CheckpointDirectory {
  const { keep = 3, warn = (line: string): void => console.warn(line) } = options;
  if (!Number.isInteger(keep) || keep < 1) {
    throw new FlatminError('RUN_INVALID', `keep is ${keep}. Give the number of checkpoints to keep, 1 or more.`);
  }
  return {
    place: directory,
    async save(checkpoint) {
      const { steps } = checkpoint.run;
      await mkdir(directory, { recursive: true });
      await writeWhole(path.join(directory, nameOf(steps)), await encodeCheckpoint(checkpoint), files);
      await removeOthers(directory, steps, keep);
    },
    latest: () => latest(directory, warn),
  };
}

/** The steps of the checkpoints in a directory, the latest first. */
async function stepsIn(directory: string): Promise<number[]> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names
    .flatMap((name) => named.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => b - a);
}

async function removeOthers(directory: string, step: number, keep: number): Promise<void> {
  const kept = (await stepsIn(directory))
    .filter((each) => each <= step)
    .slice(0, keep)
    .map(nameOf);
  const isOther = (name: string): boolean => (named.test(name) ? !kept.includes(name) : unfinished.test(name));
  for (const name of (await readdir(directory)).filter(isOther)) await rm(path.join(directory, name), { force: true });
}

async function latest(directory: string, warn: (line: string) => void): Promise<Checkpoint | undefined> {
  const refused: string[] = [];
  const steps = await stepsIn(directory);
  for (const step of steps) {
    const file = path.join(directory, nameOf(step));
    try {
      const checkpoint = decodeCheckpoint(await readFile(file), file);
      if (refused.length > 0) warn(`flatmin: going on from ${file}, as ${refused.join('; ')}`);
      return checkpoint;
    } catch (error) {
      refused.push((error as Error).message.replace(/\.( Use an earlier .*)?$/s, ''));
    }
  }
  if (refused.length === 0) return undefined;
  throw new FlatminError(
    'STATE_INVALID',
    `no checkpoint in ${directory} can be used: ${refused.join('; ')}. Start the run again, in another directory.`,
  );
}
