import { getHeapStatistics } from 'node:v8';
import { isFlatminError, RandomStream } from '@flatmin/core';
import { type DataFolder, memoryFolder } from '../node/files/folder.js';
import { mutate } from './mutate.js';

export interface FuzzOptions {
  /** Valid files by path in the folder; small ones, so that headers are hit often. */
  readonly files: Readonly<Record<string, Uint8Array>>;
  /**
   * Reads the folder as the adapter does and checks the result: it reads every batch or record, and throws an Error
   * that is not a FlatminError if an invariant is broken (a label out of range, a value that is not finite, a wrong
   * count).
   */
  readonly read: (folder: DataFolder) => Promise<void>;
  /** Broken folders; default 10,000. */
  readonly count?: number;
  readonly seed?: number;
  /** Bytes that one read may add to the process's array buffers; default 16 MiB. */
  readonly maxBytes?: number;
  /**
   * Processor seconds that one read may take, so that a busy machine does not matter; default 2. A read that waits gets
   * ten times as long in wall time.
   */
  readonly maxSeconds?: number;
}

export interface FuzzResult {
  /** Reads that ended with a FlatminError that names one of the files. */
  readonly refused: number;
  /** Reads that found a valid data set. */
  readonly accepted: number;
}

/**
 * How many of `whole` broken folders a test run uses: the first quarter, because each is broken by its own number
 * alone; all of them if the environment has `FLATMIN_FUZZ=whole`, as in the nightly run.
 */
export function fuzzCount(whole: number): number {
  return process.env['FLATMIN_FUZZ'] === 'whole' ? whole : Math.ceil(whole / 4);
}

/**
 * Gives `count` broken folders to a reader. In each, one file is broken by seed; nothing touches the disk.
 *
 * @throws Error with number and seed of the first folder at which the reader does anything other than read valid data
 *   or throw a FlatminError (DATA_FILE_INVALID, DATA_FILE_MISSING or DATA_INVALID) that names a file: another
 *   exception, no end, an allocation above `maxBytes`; also if no folder or every folder was accepted, because then
 *   nothing was tested. An endless loop without `await` cannot be ended from inside: it shows as a test that does not
 *   end.
 */
export async function fuzzFiles(options: FuzzOptions): Promise<FuzzResult> {
  const { files, count = 10_000, seed = 0 } = options;
  const names = Object.keys(files);
  const random = new RandomStream(seed).at('fuzz');
  const result = { refused: 0, accepted: 0 };
  for (let i = 0; i < count; i++) {
    const name = names[Math.floor(random.at('file').at(i).generator()() * names.length)] as string;
    const broken = mutate(files[name] as Uint8Array, random.at(i));
    const folder = memoryFolder('fuzzed', { ...files, [name]: broken });
    const read = () => readingOf(folder, options, names);
    const reading = await withoutStacks(() => measured(read, options));
    if (typeof reading === 'string') {
      result[reading] += 1;
      continue;
    }
    // Once more, for where in the reader the error comes from.
    const again = await read();
    throw new Error(`broken folder ${i} of seed ${seed}, file ${name} (${broken.length} bytes): ${reading.what}`, {
      cause: typeof again === 'string' ? reading.cause : again.cause,
    });
  }
  if (result.refused === 0) throw new Error(`the reader accepted all of ${count} broken folders: it checks nothing`);
  return result;
}

interface Fault {
  readonly what: string;
  readonly cause?: unknown;
}

type Reading = keyof FuzzResult | Fault;

async function readingOf(
  folder: DataFolder,
  { read, maxSeconds = 2 }: FuzzOptions,
  names: readonly string[],
): Promise<Reading> {
  try {
    await inTime(read(folder), 10 * maxSeconds);
    return 'accepted';
  } catch (error) {
    return judge(error, names) ?? 'refused';
  }
}

/** Most readings end with an error, and to note where each one was made took a third of the time. */
async function withoutStacks<T>(work: () => Promise<T>): Promise<T> {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return await work();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** What a reading came to, or that it took too much. To ask the system is slow, and comes after what is not. */
async function measured(
  read: () => Promise<Reading>,
  { maxBytes = 2 ** 24, maxSeconds = 2 }: FuzzOptions,
): Promise<Reading> {
  const bytes = getHeapStatistics().external_memory;
  const started = performance.now();
  const reading = await read();
  const grown = getHeapStatistics().external_memory - bytes;
  if (typeof reading !== 'string') return reading;
  if (grown > maxBytes) return { what: `the reader allocated ${grown} bytes, more than ${maxBytes}` };
  if (performance.now() - started <= 1000 * maxSeconds) return reading;
  const before = process.cpuUsage();
  await read();
  const { user, system } = process.cpuUsage(before);
  const seconds = (user + system) / 1e6;
  if (seconds <= maxSeconds) return reading;
  return { what: `the reader took ${seconds.toFixed(1)} s, more than ${maxSeconds}` };
}

function judge(error: unknown, names: readonly string[]): Fault | undefined {
  const text = error instanceof Error ? error.message : String(error);
  if (!isFlatminError(error)) return { what: `not a FlatminError: ${text}`, cause: error };
  if (!error.code.startsWith('DATA_')) return { what: `a FlatminError of code ${error.code}: ${text}`, cause: error };
  if (names.some((name) => text.includes(name))) return undefined;
  return { what: `the error names no file: ${text}`, cause: error };
}

async function inTime(work: Promise<void>, seconds: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no end after ${seconds} s`)), seconds * 1000);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
