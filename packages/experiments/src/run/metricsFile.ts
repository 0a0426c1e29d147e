import { FlatminError } from '@flatmin/core';
import { writeWhole } from '@flatmin/training/node';
import { createReadStream } from 'node:fs';
import { truncate } from 'node:fs/promises';
import type { MetricsLine } from './runRecord.js';

/** JSON has no NaN: it would come out as null, which reads as "not measured". */
const words: readonly unknown[] = ['NaN', 'Infinity', '-Infinity'];
const hasWord = /"(?:NaN|-?Infinity)"/;

/** No line of metrics is this long; what is, was not written by flatmin, and is not gathered in memory. */
const longestLine = 2 ** 24;

/** A line of metrics.jsonl. */
export function textOfLine(line: MetricsLine): string {
  const text = JSON.stringify(line, (_, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
  );
  return `${text}\n`;
}

/** Where a line stands, and what it says. */
interface Located {
  readonly text: string;
  readonly line: MetricsLine;
}

function lineOf(text: string, at: string): MetricsLine {
  let read: unknown;
  try {
    const revive = (_: string, value: unknown): unknown => (words.includes(value) ? Number(value) : value);
    read = JSON.parse(text, hasWord.test(text) ? revive : undefined);
  } catch {
    // Said below.
  }
  const line = (read ?? {}) as Partial<MetricsLine>;
  const { event, method, seed } = line;
  const isLine = typeof event === 'string' && typeof method === 'string' && typeof seed === 'number';
  if (isLine && (event !== 'step' || typeof line['lastStep'] === 'object')) return line as MetricsLine;
  throw new FlatminError(
    'STATE_INVALID',
    `${at} is damaged: it is not a line of metrics (${text.length > 60 ? `${text.slice(0, 60)}...` : text}). Put the file back ` +
      'from a copy, or remove that line: what it told is then missing from the report.',
  );
}

/**
 * Reads a file of lines, a piece at a time; returns how many bytes they take, without one that the end of its process
 * cut off.
 */
async function* linesOf(
  file: string,
): AsyncGenerator<readonly Located[], { readonly whole: number; readonly torn: boolean }> {
  let rest: Buffer<ArrayBufferLike> = Buffer.alloc(0);
  let [whole, number] = [0, 0];
  for await (const piece of createReadStream(file, { highWaterMark: 2 ** 18 }) as AsyncIterable<Buffer>) {
    const bytes = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    const end = bytes.lastIndexOf('\n') + 1;
    rest = bytes.subarray(end);
    if (rest.length > longestLine) lineOf(rest.subarray(0, 100).toString(), `${file}:${number + 1}`);
    if (end === 0) continue;
    whole += end;
    const texts = bytes.toString('utf8', 0, end - 1).split('\n');
    yield texts.map((text) => ({ text, line: lineOf(text, `${file}:${++number}`) }));
  }
  return { whole, torn: rest.length > 0 };
}

/**
 * Hands over the lines of a file one by one, and cuts off a last one that the end of its process left torn. In memory
 * is a piece of the file, however long it is.
 *
 * @throws FlatminError STATE_INVALID for a line that is damaged, with file and line.
 */
export async function readMetrics(file: string, use: (line: MetricsLine) => void): Promise<void> {
  const pieces = linesOf(file);
  let next = await pieces.next();
  for (; next.done !== true; next = await pieces.next()) next.value.forEach(({ line }) => use(line));
  if (next.value.torn) await truncate(file, next.value.whole);
}

/**
 * Writes a file again with the lines that are to stay, and puts it in the place of the old one: a crash leaves one of
 * the two.
 */
export async function keepLines(file: string, isKept: (line: MetricsLine) => boolean): Promise<void> {
  async function* kept(): AsyncGenerator<Uint8Array> {
    for await (const lines of linesOf(file)) {
      const texts = lines.flatMap(({ text, line }) => (isKept(line) ? `${text}\n` : []));
      if (texts.length > 0) yield Buffer.from(texts.join(''));
    }
  }
  await writeWhole(file, kept());
}
