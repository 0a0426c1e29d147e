import { FlatminError, type StoredFiles } from '@flatmin/core';
import type { Checkpoint, CheckpointStore } from './checkpoint.js';
import { checkpointPieces, decodeCheckpoint, decodeCheckpointStream, encodeCheckpoint } from './checkpointFormat.js';

export interface StoredCheckpointsOptions {
  /** Checkpoints that are kept, the latest ones; default 3. */
  readonly keep?: number;
  /** Gets a line about each file that `latest` cannot use; default: a warning on the console. */
  readonly warn?: (line: string) => void;
}

export interface StoredCheckpoints extends CheckpointStore {
  /**
   * The newest checkpoint that is whole, for `resume`; undefined where none was ever saved. The caller disposes it with
   * `disposeCheckpoint`.
   *
   * @throws FlatminError STATE_INVALID where there are some, and each is cut off, damaged, or of another format.
   */
  latest(): Promise<Checkpoint | undefined>;
  /** The steps of all checkpoints that are kept, the earliest first. */
  steps(): Promise<readonly number[]>;
  /**
   * The checkpoint of one of these steps; the caller disposes it with `disposeCheckpoint`.
   *
   * @throws FlatminError RUN_INVALID where there is none; STATE_INVALID where it is cut off, damaged, or of another
   *   format.
   */
  at(step: number): Promise<Checkpoint>;
}

const nameOf = (step: number): string => `checkpoint-${String(step).padStart(6, '0')}.flatmin`;
const named = /^checkpoint-(\d{6,})\.flatmin$/;

/**
 * Keeps the latest checkpoints of one run in a storage: `checkpoint-000120.flatmin` is that of step 120.
 *
 * The storage belongs to one run: after a checkpoint is written, those of later steps, which are of a course that the
 * run no longer takes, and all but the last `keep` are removed.
 *
 * @param files writes all of a file or nothing: see `StoredFiles` of @flatmin/core.
 * @throws FlatminError RUN_INVALID where `keep` is not a number of checkpoints.
 * @example
 * ```ts fragment
 * const checkpoints = storedCheckpoints(bucket.open('runs/mine'));
 * await train({ ...options, checkpoints, resume: await checkpoints.latest() });
 * ```
 */
export function storedCheckpoints(files: StoredFiles, options: StoredCheckpointsOptions = {}): StoredCheckpoints {
  const { keep = 3, warn = (line: string): void => console.warn(line) } = options;
  if (!Number.isInteger(keep) || keep < 1) {
    throw new FlatminError('RUN_INVALID', `keep is ${keep}. Give the number of checkpoints to keep, 1 or more.`);
  }
  return {
    place: files.place,
    async save(checkpoint) {
      const { steps } = checkpoint.run;
      // A tensor at a time where the storage can: all of them as bytes would be one more copy of the run.
      if (files.writeStream) await files.writeStream(nameOf(steps), checkpointPieces(checkpoint));
      else await files.write(nameOf(steps), await encodeCheckpoint(checkpoint));
      await removeOthers(files, steps, keep);
    },
    latest: () => latest(files, warn),
    steps: async () => (await stepsIn(files)).reverse(),
    at: (step) => at(files, step),
  };
}

/** The steps of the checkpoints in a storage, the latest first. */
async function stepsIn(files: StoredFiles): Promise<number[]> {
  return (await files.names())
    .flatMap((name) => named.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => b - a);
}

async function removeOthers(files: StoredFiles, step: number, keep: number): Promise<void> {
  const steps = await stepsIn(files);
  const kept = steps.filter((each) => each <= step).slice(0, keep);
  for (const other of steps.filter((each) => !kept.includes(each))) await files.remove(nameOf(other));
}

const fileOf = ({ place }: StoredFiles, step: number): string => `${place}/${nameOf(step)}`;

async function read(files: StoredFiles, step: number): Promise<Checkpoint> {
  const [name, file] = [nameOf(step), fileOf(files, step)];
  if (files.readStream) return decodeCheckpointStream(files.readStream(name), file);
  return decodeCheckpoint(await files.read(name), file);
}

async function at(files: StoredFiles, step: number): Promise<Checkpoint> {
  const steps = (await stepsIn(files)).reverse();
  if (steps.includes(step)) return read(files, step);
  const there = steps.length === 0 ? 'none' : `those of the steps ${steps.join(', ')}`;
  throw new FlatminError(
    'RUN_INVALID',
    `there is no checkpoint of step ${step} in ${files.place}, which keeps ${there}. Give one of its steps.`,
  );
}

async function latest(files: StoredFiles, warn: (line: string) => void): Promise<Checkpoint | undefined> {
  const refused: string[] = [];
  for (const step of await stepsIn(files)) {
    try {
      const checkpoint = await read(files, step);
      if (refused.length > 0) warn(`flatmin: resuming from ${fileOf(files, step)}, because ${refused.join('; ')}`);
      return checkpoint;
    } catch (error) {
      refused.push((error as Error).message.replace(/\.( Use an earlier .*)?$/s, ''));
    }
  }
  if (refused.length === 0) return undefined;
  throw new FlatminError(
    'STATE_INVALID',
    `no checkpoint in ${files.place} can be used: ${refused.join('; ')}. Start the run again, in another directory.`,
  );
}
