import { FlatminError } from '@flatmin/core';
import { writeWhole } from '@flatmin/training/node';
import { closeSync, existsSync, fsyncSync, openSync, readdirSync, statSync, writeSync } from 'node:fs';
import { mkdir, rm, rmdir, truncate } from 'node:fs/promises';
import path from 'node:path';
import { keepLines, readMetrics, textOfLine } from './metricsFile.js';
import { RunLock } from './runLock.js';
import type { MetricsLine } from './runRecord.js';
import { SeedProgress } from './seedProgress.js';

/** What a command writes into its folder, beside lock files. */
const ofRun =
  /^(?:config\.json|metrics\.jsonl|report\.html|tensorboard|(?:checkpoint-seed-\d+|mlflow-seed-\d+\.json))$/;

/** The run of a seed on a tracking server. */
const ofMlflow = /^mlflow-seed-\d+\.json$/;

/**
 * The folder of one command's results: config.json, metrics.jsonl, report.html, checkpoints. While it is open it is
 * this process's.
 */
export class ResultsDirectory {
  readonly path: string;
  readonly #metrics: string;
  readonly #lock: RunLock;
  /** What this command has made, and removes again where nothing came of it. */
  #made: { readonly folder: boolean } | undefined;
  #file: number | undefined;

  private constructor(directory: string, made?: { readonly folder: boolean }) {
    this.path = directory;
    this.#metrics = path.join(directory, 'metrics.jsonl');
    this.#lock = RunLock.take(directory);
    this.#made = made;
  }

  static configOf(directory: string): string {
    return path.join(directory, 'config.json');
  }

  /** True where there is a run to go on with. */
  static isRun(directory: string): boolean {
    return ['config.json', 'metrics.jsonl'].every((name) => existsSync(path.join(directory, name)));
  }

  /**
   * A folder for the results of a command, with its config.
   *
   * @param out as the user named it; else it is `runs/<time>`, made for this command alone.
   * @param config from the path of the folder.
   * @throws FlatminError RUN_INVALID where it is in use, or holds something that would be replaced.
   */
  static async create(
    out: string | undefined,
    milliseconds: number,
    config: (directory: string) => unknown,
  ): Promise<ResultsDirectory> {
    const made = out === undefined ? await makeNew(timedName(milliseconds)) : await make(out);
    const results = new ResultsDirectory(made.path, made);
    try {
      ResultsDirectory.requireFree(made.path);
      closeSync(openSync(results.#metrics, 'a'));
      // Last: where there is a config, there is a run to go on with.
      await results.replaceConfig(config(made.path));
    } catch (error) {
      results.#made = undefined;
      await results.close();
      throw error;
    }
    return results;
  }

  /** The path of a folder `runs/<time>` that was not there, made for the caller alone. */
  static async newFolder(milliseconds: number): Promise<string> {
    return (await makeNew(timedName(milliseconds))).path;
  }

  /** The results of a command that was interrupted. */
  static resume(directory: string): ResultsDirectory {
    return new ResultsDirectory(directory);
  }

  /**
   * Refuses a folder with anything in it that a run would replace, whoever wrote that. An empty metrics.jsonl is none:
   * a command that was killed while it started may have left it.
   *
   * @throws FlatminError RUN_INVALID.
   */
  static requireFree(directory: string | undefined): void {
    if (directory === undefined || !existsSync(directory)) return;
    if (ResultsDirectory.isRun(directory)) {
      throw new FlatminError(
        'RUN_INVALID',
        `${directory} holds the results of a run. Continue it with flatmin train --resume ${directory}, give another ` +
          '--out, or remove the directory.',
      );
    }
    const isWorth = (name: string): boolean =>
      name !== 'metrics.jsonl' || statSync(path.join(directory, name)).size > 0;
    const taken = readdirSync(directory).filter((name) => ofRun.test(name) && isWorth(name));
    if (taken.length === 0) return;
    throw new FlatminError(
      'RUN_INVALID',
      `${directory} holds ${taken.join(', ')}, which a run would replace. Give another --out, such as ${path.join(directory, 'results')}.`,
    );
  }

  /**
   * What the seeds have told so far, each with the last thing. A last line that the end of its process cut off goes.
   *
   * @throws FlatminError STATE_INVALID where the line that says with what a seed was trained may be a damaged one: that
   *   the config is still the same could then not be seen.
   */
  async progress(): Promise<ReadonlyMap<number, SeedProgress>> {
    const seeds = new Map<number, SeedProgress>();
    const { whole, torn, damaged } = await readMetrics(this.#metrics, (line) => {
      const known = seeds.get(line.seed) ?? new SeedProgress();
      seeds.set(line.seed, known);
      known.add(line);
    });
    if (torn) await truncate(this.#metrics, whole);
    for (const [seed, { settings }] of seeds) {
      if (damaged.length > 0 && settings === undefined) throw this.#unknownSettings(seed, damaged);
    }
    return seeds;
  }

  #unknownSettings(seed: number, damaged: readonly number[]): FlatminError {
    return new FlatminError(
      'STATE_INVALID',
      `${this.#metrics}:${damaged[0]} is damaged, and no line says how seed ${seed} was trained, so it is not known whether config.json is ` +
        'still that of the seed. Restore the file from a copy, or remove the damaged line if you know that the ' +
        'config has not changed.',
    );
  }

  /** Puts another config in the place of that of the folder. */
  async replaceConfig(config: unknown): Promise<void> {
    const text = `${JSON.stringify(config, null, 2)}\n`;
    await writeWhole(ResultsDirectory.configOf(this.path), new TextEncoder().encode(text));
  }

  /** Drops what a seed wrote after a step, at once or not at all, and returns what it had told by then. */
  async goBack(seed: number, step: number): Promise<SeedProgress> {
    this.#closeFile();
    const left = new SeedProgress();
    // The line of an end has no step: a run that is resumed has not ended.
    const isKept = (line: MetricsLine): boolean =>
      line.seed !== seed || ((line['step'] as number | undefined) ?? Infinity) <= step;
    await keepLines(this.#metrics, (line) => {
      const kept = isKept(line);
      if (kept && line.seed === seed) left.add(line);
      return kept;
    });
    return left;
  }

  /** Adds a line. It outlasts the end of this process at once, and that of the machine from the next `sync` on. */
  readonly write = (line: MetricsLine): void => {
    if (line.event !== 'start') this.#made = undefined;
    this.#file ??= openSync(this.#metrics, 'a');
    writeSync(this.#file, textOfLine(line));
  };

  /** Forces all lines to disk. */
  readonly sync = (): void => {
    this.#made = undefined;
    if (this.#file !== undefined) fsyncSync(this.#file);
  };

  /**
   * Leaves the folder to others. Where nothing has come of the command, what it made goes: the corrected config may
   * have the folder.
   */
  async close(): Promise<void> {
    this.#closeFile();
    if (this.#made !== undefined) {
      const told = readdirSync(this.path).filter((name) => ofMlflow.test(name));
      for (const name of ['config.json', 'metrics.jsonl', 'tensorboard', ...told]) {
        await rm(path.join(this.path, name), { recursive: true, force: true });
      }
    }
    this.#lock.release();
    // Someone may have put something there.
    if (this.#made?.folder === true) await rmdir(this.path).catch(() => undefined);
    this.#made = undefined;
  }

  #closeFile(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }
}

interface Made {
  readonly path: string;
  /** False where the folder was there. */
  readonly folder: boolean;
}

async function make(directory: string): Promise<Made> {
  return { path: directory, folder: (await mkdir(directory, { recursive: true })) !== undefined };
}

/** A folder that was not there: two commands of one second get one each. */
async function makeNew(name: string): Promise<Made> {
  await mkdir(path.dirname(name), { recursive: true });
  for (let attempt = 1; ; attempt++) {
    const directory = attempt === 1 ? name : `${name}-${attempt}`;
    try {
      await mkdir(directory);
      return { path: directory, folder: true };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

const timedName = (milliseconds: number): string => path.join('runs', timeName(new Date(milliseconds)));

/** 2026-01-31T17-05-09: sorts by time, and is a file name on every system. */
function timeName(now: Date): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const date = [now.getFullYear(), two(now.getMonth() + 1), two(now.getDate())].join('-');
  return `${date}T${[two(now.getHours()), two(now.getMinutes()), two(now.getSeconds())].join('-')}`;
}
