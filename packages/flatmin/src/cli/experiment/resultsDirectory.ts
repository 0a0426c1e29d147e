import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import path from 'node:path';
import type { MetricsLine } from './runRecord.js';

/** The directory of one command's results: config.json, metrics.jsonl, report.html, checkpoint. */
export class ResultsDirectory {
  readonly #metrics: WriteStream;

  private constructor(readonly path: string) {
    this.#metrics = createWriteStream(path + '/metrics.jsonl');
  }

  /** Makes `directory`, or runs/<time> where none is given. */
  static async create(directory: string | undefined, config: unknown, now = new Date()): Promise<ResultsDirectory> {
    const chosen = directory ?? path.join('runs', timeName(now));
    await mkdir(chosen, { recursive: true });
    await writeFile(path.join(chosen, 'config.json'), `${JSON.stringify(config, null, 2)}\n`);
    return new ResultsDirectory(chosen);
  }

  readonly write = (line: MetricsLine): void => {
    // JSON has no NaN: it would come out as null, which reads as "not measured".
    const text = JSON.stringify(line, (_, value: unknown) =>
      typeof value === 'number' && !Number.isFinite(value) ? String(value) : value,
    );
    this.#metrics.write(`${text}\n`);
  };

  async close(): Promise<void> {
    this.#metrics.end();
    await once(this.#metrics, 'close');
  }
}

/** 2026-01-31T17-05-09: sorts by time, and is a file name on every system. */
function timeName(now: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const date = [now.getFullYear(), two(now.getMonth() + 1), two(now.getDate())].join('-');
  return `${date}T${[two(now.getHours()), two(now.getMinutes()), two(now.getSeconds())].join('-')}`;
}
