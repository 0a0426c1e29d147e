import { RandomStream } from '../tensors/random.js';

/** What core's services are bound to in the container; shared by all copies of this package. */
export const tokens = {
  Plugin: Symbol.for('@flatmin/core/Plugin'),
  Registry: Symbol.for('@flatmin/core/Registry'),
  Composer: Symbol.for('@flatmin/core/Composer'),
  Logger: Symbol.for('@flatmin/core/Logger'),
  RandomSource: Symbol.for('@flatmin/core/RandomSource'),
  Clock: Symbol.for('@flatmin/core/Clock'),
  CheckpointStorage: Symbol.for('@flatmin/core/CheckpointStorage'),
} as const;

/** Where warnings and progress go. */
export interface Logger {
  info(message: string): void;
  warn(message: string): void;
}

/** Where streams of random numbers come from. */
export interface RandomSource {
  stream(seed: number): RandomStream;
}

/** The time, for durations and dates. */
export interface Clock {
  /** Milliseconds since the start of 1970, for names and records. */
  now(): number;
  /** Milliseconds since some moment; they never decrease. For durations. */
  elapsed(): number;
}

/** The checkpoints of one run, as bytes under names. */
export interface StoredFiles {
  /** Where they are, for messages: a path, a database. */
  readonly place: string;
  /** The names that exist, in any order; empty if nothing was ever written. */
  names(): Promise<readonly string[]>;
  read(name: string): Promise<Uint8Array>;
  /** Writes either all of it or nothing, whenever the process may die, and replaces what the name held. */
  write(name: string, bytes: Uint8Array): Promise<void>;
  /** Does nothing if there is no such name. */
  remove(name: string): Promise<void>;
  /**
   * Like `read`, in pieces of any size, so that a large file need not be in memory as a whole. Without it, `read` is
   * called.
   */
  readStream?(name: string): AsyncIterable<Uint8Array>;
  /** Like `write`, from pieces that are produced one by one. Without it, `write` is called. */
  writeStream?(name: string, pieces: AsyncIterable<Uint8Array>): Promise<void>;
}

/**
 * Where runs keep their checkpoints. Core has none of its own: `flatmin train` keeps them in files of the results
 * directory, unless a module of the container binds another storage.
 */
export interface CheckpointStorage {
  /**
   * @param place the place of the run, a path such as `runs/mine/checkpoint-seed-0`; a resumed run passes the same one.
   */
  open(place: string): StoredFiles;
}

/** What core itself logs to and draws from, unless a module of the container replaces it. */
export interface Services {
  readonly logger: Logger;
  readonly randomSource: RandomSource;
}

export const defaultServices: Services = {
  logger: { info: (message) => console.log(message), warn: (message) => console.warn(message) },
  randomSource: { stream: (seed) => new RandomStream(seed) },
};

/** The clock of the system: what there is unless a module of the container binds another one. */
export const systemClock: Clock = { now: () => Date.now(), elapsed: () => performance.now() };
