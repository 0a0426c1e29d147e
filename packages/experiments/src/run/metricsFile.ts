import { FlatminError } from '@flatmin/core';
import { writeWhole } from '@flatmin/training/node';
import { createReadStream } from 'node:fs';
import { warn } from '../terminal/terminal.js';
import { jsonOf, parsedJson } from './jsonNumbers.js';
import type { MetricsLine } from './runRecord.js';

/** No line of metrics is this long; what is, was not written by flatmin, and is not gathered in memory. */
const longestLine = 2 ** 24;

/** A line of metrics.jsonl. */
export function textOfLine(line: MetricsLine): string {
  return `${jsonOf(line)}\n`;
}

/** What a line says; undefined where it is damaged. */
export function parsedLine(text: string): MetricsLine | undefined {
  let read: unknown;
  try {
    read = parsedJson(text);
  } catch {
    return undefined;
  }
  const line = (read ?? {}) as Partial<MetricsLine>;
  const { event, method, seed } = line;
  if (typeof event !== 'string' || typeof method !== 'string' || typeof seed !== 'number') return undefined;
  if (event === 'step' && (typeof line['lastStep'] !== 'object' || line['lastStep'] === null)) return undefined;
  return (counts[event] ?? []).every((name) => typeof line[name] === 'number') ? (line as MetricsLine) : undefined;
}

/** Numbers that a line cannot do without. */
const counts: Readonly<Record<string, readonly string[]>> = { epoch: ['epoch', 'step'], end: ['steps'] };

/** A line as it stands in the file, and what it says; undefined where it is damaged. */
interface Located {
  readonly text: string;
  readonly line: MetricsLine | undefined;
}

interface Ending {
  /** Bytes of all lines that end. */
  readonly whole: number;
  /** Whether more follows: a line that is being written, or that the end of its process cut off. */
  readonly torn: boolean;
}

/**
 * Reads a file of lines, a piece at a time.
 *
 * @throws FlatminError STATE_INVALID for a line of many megabytes.
 */
async function* linesOf(file: string): AsyncGenerator<readonly Located[], Ending> {
  let rest: Buffer<ArrayBufferLike> = Buffer.alloc(0);
  let whole = 0;
  for await (const piece of createReadStream(file, { highWaterMark: 2 ** 18 }) as AsyncIterable<Buffer>) {
    const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    const end = bytes.lastIndexOf('\n') + 1;
    rest = bytes.subarray(end);
    if (rest.length > longestLine) throw notMetrics(file, rest);
    if (end === 0) continue;
    whole += end;
    const texts = bytes.toString('utf8', 0, end - 1).split('\n');
    yield texts.map((text) => ({ text, line: parsedLine(text) }));
  }
  return { whole, torn: rest.length > 0 };
}

function notMetrics(file: string, start: Buffer): FlatminError {
  return new FlatminError(
    'STATE_INVALID',
    `${file} has a line of more than ${longestLine / 2 ** 20} MiB (${start.toString('utf8', 0, 60)}...), which flatmin did not write. ` +
      'Restore the file from a copy.',
  );
}

/** What was read of a file of metrics, beside its lines. */
export interface ReadMetrics extends Ending {
  /** Numbers of the lines that are damaged, and were left out: counted from 1. */
  readonly damaged: readonly number[];
}

/**
 * Hands over the lines of a file one by one. One that is damaged is left out and said on standard error. A
 * last one without an end is left out in silence: it is being written, or the end of its process cut it off. In memory
 * is a piece of the file, however long it is.
 */
export async function readMetrics(file: string, use: (line: MetricsLine) => void): Promise<ReadMetrics> {
  const damaged: number[] = [];
  const pieces = linesOf(file);
  let number = 0;
  let next = await pieces.next();
  for (; next.done !== true; next = await pieces.next()) {
    for (const { line } of next.value) {
      number++;
      if (line === undefined) damaged.push(number);
      else use(line);
    }
  }
  sayDamaged(file, damaged);
  return { ...next.value, damaged };
}

/** Lines that are named one by one; of more the rest is counted. */
const mostNamed = 5;

/** Says on standard error which lines of a file are damaged, where there are such. */
export function sayDamaged(file: string, damaged: readonly number[]): void {
  const [first, ...others] = damaged.slice(0, mostNamed);
  if (first === undefined) return;
  const more = damaged.length - 1 - others.length;
  const also = [...others.map(String), ...(more > 0 ? [`${more} more`] : [])];
  warn(
    also.length === 0
      ? `${file}:${first} is damaged: it is left out, and the rest is used.`
      : `${file}:${first} is damaged, and so are lines ${also.join(', ')}: they are left out, and the rest is used.`,
  );
}

/**
 * Writes a file again with the lines that are to stay, and those that are damaged as they are, and puts it in the place
 * of the old one: a crash leaves one of the two.
 */
export async function keepLines(file: string, isKept: (line: MetricsLine) => boolean): Promise<void> {
  async function* kept(): AsyncGenerator<Uint8Array> {
    for await (const lines of linesOf(file)) {
      const texts = lines.flatMap(({ text, line }) => (line === undefined || isKept(line) ? `${text}\n` : []));
      if (texts.length > 0) yield Buffer.from(texts.join(''));
    }
  }
  await writeWhole(file, kept());
}
