import { writeWhole } from '@flatmin/training/node';
import { readFile } from 'node:fs/promises';
import type { MetricsLine } from './runRecord.js';

/** JSON has no NaN: it would come out as null, which reads as "not measured". */
const words: readonly unknown[] = ['NaN', 'Infinity', '-Infinity'];

/** A line of metrics.jsonl. */
export function textOfLine(line: MetricsLine): string {
  const text = JSON.stringify(line, (_, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
  );
  return `${text}\n`;
}

function lineOf(text: string): MetricsLine {
  return JSON.parse(text, (_, value: unknown) => (words.includes(value) ? Number(value) : value)) as MetricsLine;
}

/** The lines of a file as they stand there, without one that was cut off by the end of its process. */
async function textsOf(file: string): Promise<{ readonly whole: readonly string[]; readonly rest: string }> {
  const lines = (await readFile(file, 'utf8')).split('\n');
  return { whole: lines.slice(0, -1), rest: lines.at(-1) ?? '' };
}

/** What the lines of a file say. */
export async function readMetrics(file: string): Promise<readonly MetricsLine[]> {
  return (await textsOf(file)).whole.map(lineOf);
}

/**
 * Drops from a file what a run wrote after a step, and a line that was cut off: the file is written anew beside the old one and
 * takes its place, so that a crash leaves one of the two. Returns the lines of the run that are left.
 */
export async function keepOfRun(
  file: string,
  run: { readonly method: string; readonly seed: number },
  step: number,
): Promise<readonly MetricsLine[]> {
  const { whole, rest } = await textsOf(file);
  const lines = whole.map((text) => ({ text, line: lineOf(text) }));
  const isOfRun = ({ method, seed }: MetricsLine): boolean => method === run.method && seed === run.seed;
  // The line of an end has no step: a run that is resumed has not ended.
  const isKept = (line: MetricsLine): boolean =>
    !isOfRun(line) || ((line['step'] as number | undefined) ?? Infinity) <= step;
  const kept = lines.filter(({ line }) => isKept(line));
  if (kept.length < lines.length || rest !== '') {
    await writeWhole(file, new TextEncoder().encode(kept.map(({ text }) => `${text}\n`).join('')));
  }
  return kept.map(({ line }) => line).filter(isOfRun);
}
