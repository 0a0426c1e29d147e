import { isFlatminError, RandomStream } from '@flatmin/core';
import { type DataFolder, memoryFolder } from '../node/files/folder.js';
import { mutate } from './mutate.js';

export interface FuzzOptions {
  /** Valid files by path in the folder; small ones, so that headers are hit often. */
  readonly files: Readonly<Record<string, Uint8Array>>;
  /**
   * Reads the folder as the adapter does and checks what came: reads every batch or record, and throws an Error that is
   * no FlatminError where an invariant is broken (a label out of range, a value that is not finite, a wrong count).
   */
  readonly read: (folder: DataFolder) => Promise<void>;
  /** Broken folders; default 10,000. */
  readonly count?: number;
  readonly seed?: number;
  /** Bytes that a reading may add to the process's array buffers; default 16 MiB. */
  readonly maxBytes?: number;
  /**
   * Seconds of the processor that one reading may take, so that a busy machine changes nothing; default 2. One that
   * waits gets ten times that.
   */
  readonly maxSeconds?: number;
}

export interface FuzzResult {
  /** Readings that ended with a FlatminError that names one of the files. */
  readonly refused: number;
  /** Readings that found a valid data set. */
  readonly accepted: number;
}

/**
 * Throws `count` broken folders at a reader. In each, one file is broken by seed; nothing touches the disk.
 *
 * @throws Error with number and seed of the first folder at which the reader does anything but read valid data or throw
 *   a FlatminError (DATA_FILE_INVALID, DATA_FILE_MISSING or DATA_INVALID) that names a file: another exception, no end,
 *   an allocation above `maxBytes`; and where no folder or every folder was accepted, since then nothing was tested. An
 *   endless loop without `await` cannot be ended from inside: it shows as a test that does not end.
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
    const fault = await faultOf(folder, options, names, result);
    if (fault !== undefined) {
      throw new Error(`broken folder ${i} of seed ${seed}, file ${name} (${broken.length} bytes): ${fault.what}`, {
        cause: fault.cause,
      });
    }
  }
  if (result.refused === 0) throw new Error(`the reader accepted all of ${count} broken folders: it checks nothing`);
  return result;
}

interface Fault {
  readonly what: string;
  readonly cause?: unknown;
}

async function faultOf(
  folder: DataFolder,
  { read, maxBytes = 2 ** 24, maxSeconds = 2 }: FuzzOptions,
  names: readonly string[],
  result: { refused: number; accepted: number },
): Promise<Fault | undefined> {
  const before = process.memoryUsage().arrayBuffers;
  const started = process.cpuUsage();
  let fault: Fault | undefined;
  try {
    await inTime(read(folder), 10 * maxSeconds);
    result.accepted += 1;
  } catch (error) {
    fault = judge(error, names);
    if (fault === undefined) result.refused += 1;
  }
  const { user, system } = process.cpuUsage(started);
  const [grown, seconds] = [process.memoryUsage().arrayBuffers - before, (user + system) / 1e6];
  if (fault !== undefined) return fault;
  if (grown > maxBytes) return { what: `the reader allocated ${grown} bytes, more than ${maxBytes}` };
  if (seconds > maxSeconds) return { what: `the reader took ${seconds.toFixed(1)} s, more than ${maxSeconds}` };
  return undefined;
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
