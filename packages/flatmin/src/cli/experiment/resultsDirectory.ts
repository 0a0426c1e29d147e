import { FlatminError } from '@flatmin/core';
import { writeWhole } from '@flatmin/training/node';
import { closeSync, existsSync, fsyncSync, openSync, writeSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { keepOfRun, readMetrics, textOfLine } from './metricsFile.js';
import { type MetricsLine, type RunRecord, RunRecordBuilder } from './runRecord.js';

/** The directory of one command's results: config.json, metrics.jsonl, report.html, checkpoints. */
export class ResultsDirectory {
  readonly path: string;
  readonly #metrics: string;
  #file: number | undefined;

  private constructor(directory: string) {
    this.path = directory;
    this.#metrics = path.join(directory, 'metrics.jsonl');
  }

  static configOf(directory: string): string {
    return path.join(directory, 'config.json');
  }

  /** True where there is a run to go on with. */
  static isRun(directory: string): boolean {
    return ['config.json', 'metrics.jsonl'].every((name) => existsSync(path.join(directory, name)));
  }

  /** Where the results of a command go that names no directory: runs/<time>. */
  static nameAt(milliseconds: number): string {
    return path.join('runs', timeName(new Date(milliseconds)));
  }

  static async create(directory: string, config: unknown): Promise<ResultsDirectory> {
    await mkdir(directory, { recursive: true });
    const results = new ResultsDirectory(directory);
    await writeWhole(results.#metrics, new Uint8Array());
    // Last: where there is a config, there is a run to go on with.
    const text = `${JSON.stringify(config, null, 2)}\n`;
    await writeWhole(ResultsDirectory.configOf(directory), new TextEncoder().encode(text));
    return results;
  }

  /** The results of a command that was interrupted. */
  static resume(directory: string): ResultsDirectory {
    return new ResultsDirectory(directory);
  }

  /**
   * Refuses a directory that holds results.
   *
   * @throws FlatminError RUN_INVALID.
   */
  static requireNone(directory: string | undefined): void {
    if (directory === undefined || !ResultsDirectory.isRun(directory)) return;
    throw new FlatminError(
      'RUN_INVALID',
      `${directory} holds the results of a run. Go on with that one by flatmin train --resume ${directory}, or give another ` +
        '--out, or remove the directory.',
    );
  }

  /** The record of a run that has ended by itself; undefined where it has not. */
  async finished(method: string, seed: number): Promise<RunRecord | undefined> {
    const lines = (await readMetrics(this.#metrics)).filter((line) => line.seed === seed && line.method === method);
    const end = lines.find(({ event, stopped }) => event === 'end' && stopped !== true);
    if (end === undefined) return undefined;
    const builder = new RunRecordBuilder();
    lines.forEach((line) => builder.add(line));
    return builder.finish(end);
  }

  /** Drops what a run wrote after a step, at once or not at all; returns the lines of the run that are left. */
  async goBack(method: string, seed: number, step: number): Promise<readonly MetricsLine[]> {
    this.close();
    return keepOfRun(this.#metrics, { method, seed }, step);
  }

  /** Adds a line. It outlasts the end of this process at once, and that of the machine from the next `sync` on. */
  readonly write = (line: MetricsLine): void => {
    this.#file ??= openSync(this.#metrics, 'a');
    writeSync(this.#file, textOfLine(line));
  };

  /** Forces all lines to disk. */
  readonly sync = (): void => {
    if (this.#file !== undefined) fsyncSync(this.#file);
  };

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }
}

/** 2026-01-31T17-05-09: sorts by time, and is a file name on every system. */
function timeName(now: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const date = [now.getFullYear(), two(now.getMonth() + 1), two(now.getDate())].join('-');
  return `${date}T${[two(now.getHours()), two(now.getMinutes()), two(now.getSeconds())].join('-')}`;
}
