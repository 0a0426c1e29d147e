import { FlatminError } from '@flatmin/core';
import { hostName, isProcessAlive, startOfProcess } from '@flatmin/training/node';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const named = /^run\.lock\.(\d+)$/;

interface Owner {
  readonly pid: number;
  readonly host: string;
  /** Tells a process from a later one of the same number, where the system does. */
  readonly start?: string | undefined;
  readonly since: string;
}

/** A lock that was created and not yet written to is being made; after so long its maker was killed in between. */
const patience = 10_000;

/** Milliseconds between two signs of life. */
const beat = 30_000;

/**
 * After so long without one, an owner on another machine is gone: its process cannot be looked at from here. A step may
 * block a process for minutes, and clocks differ.
 */
const silence = 15 * 60_000;

/**
 * The right to write in a run folder. It is a file `run.lock.<n>` with its owner, created exclusively. The lock of an
 * owner that is gone is taken over by creating the next number, which again only one process can do, and removed after
 * that. Whoever has created one then looks for another that lives, and withdraws: as each creates before it looks, two
 * never both go on.
 */
export class RunLock {
  readonly #file: string;
  readonly #beat: NodeJS.Timeout;
  readonly #release = (): void => rmSync(this.#file, { force: true });

  private constructor(file: string) {
    this.#file = file;
    this.#beat = setInterval(() => touch(file), beat).unref();
    process.once('exit', this.#release);
  }

  /** @throws FlatminError RUN_INVALID where another process has it. */
  static take(directory: string): RunLock {
    for (;;) {
      const others = numbersIn(directory);
      requireGone(directory, others);
      const number = 1 + Math.max(0, ...others);
      const lock = create(fileOf(directory, number));
      if (lock === undefined) continue;
      const left = numbersIn(directory).filter((other) => other !== number);
      try {
        requireGone(directory, left);
      } catch (error) {
        lock.release();
        throw error;
      }
      for (const other of left) rmSync(fileOf(directory, other), { force: true });
      return lock;
    }

    function create(file: string): RunLock | undefined {
      const owner: Owner = {
        pid: process.pid,
        host: hostName,
        start: startOfProcess(process.pid),
        since: new Date().toISOString(),
      };
      try {
        writeFileSync(file, `${JSON.stringify(owner)}\n`, { flag: 'wx' });
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
        throw error;
      }
      return new RunLock(file);
    }
  }

  /** @throws FlatminError RUN_INVALID where a process has it. */
  static requireFree(directory: string): void {
    requireGone(directory, numbersIn(directory));
  }

  /** Whether a process has it, as far as can be seen from here. */
  static isTaken(directory: string): boolean {
    if (!existsSync(directory)) return false;
    return numbersIn(directory).some((number) => {
      const file = fileOf(directory, number);
      const owner = ownerOf(file);
      return owner !== undefined && !isGone(owner, file);
    });
  }

  release(): void {
    clearInterval(this.#beat);
    process.off('exit', this.#release);
    this.#release();
  }
}

const fileOf = (directory: string, number: number): string => path.join(directory, `run.lock.${number}`);

function numbersIn(directory: string): readonly number[] {
  return readdirSync(directory)
    .flatMap((name) => named.exec(name)?.[1] ?? [])
    .map(Number);
}

function requireGone(directory: string, numbers: readonly number[]): void {
  for (const number of numbers) {
    const file = fileOf(directory, number);
    const owner = ownerOf(file);
    if (owner === undefined || isGone(owner, file)) continue;
    const who = owner === 'unknown' ? 'another process' : `process ${owner.pid} on ${owner.host}, since ${owner.since}`;
    const isFar = owner !== 'unknown' && owner.host !== hostName;
    throw new FlatminError(
      'RUN_INVALID',
      `${directory} is in use by ${who}. Wait until it has ended, or use another folder.` +
        (isFar
          ? ` Whether it is alive cannot be seen from ${hostName}: without a sign of life for ${silence / 60_000} minutes it is taken ` +
            `over. If you know that it is not, remove ${file}.`
          : ''),
    );
  }
}

/** Undefined where the lock is no more, or was never finished. */
function ownerOf(file: string): Owner | 'unknown' | undefined {
  try {
    const text = readFileSync(file, 'utf8');
    if (text.endsWith('\n')) return JSON.parse(text) as Owner;
    return Date.now() - statSync(file).mtimeMs > patience ? undefined : 'unknown';
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    return 'unknown';
  }
}

function isGone(owner: Owner | 'unknown', file: string): boolean {
  if (owner === 'unknown') return false;
  if (owner.host !== hostName) return ageOf(file) > silence;
  if (!isProcessAlive(owner.pid)) return true;
  const now = startOfProcess(owner.pid);
  return owner.start !== undefined && now !== undefined && now !== owner.start;
}

/** Milliseconds since the last sign of life; none where the file is no more. */
function ageOf(file: string): number {
  return Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? -Infinity);
}

function touch(file: string): void {
  const now = new Date();
  try {
    utimesSync(file, now, now);
  } catch {
    // Its folder is gone, or somebody took it over: the next write in it says so.
  }
}
