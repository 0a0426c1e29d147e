import { FlatminError } from '@flatmin/core';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import type { RunStorage } from './runStorage.js';

/** The files of a run folder at one moment, as pieces that are named by their content. */
const contentsSchema = z.strictObject({
  files: z.array(
    z.strictObject({
      // Names come from another machine, and must stay in the folder.
      path: z
        .string()
        .regex(
          /^(metrics\.jsonl|mlflow-seed-\d+\.json|checkpoint-seed-\d+\/checkpoint-\d+\.flatmin|tensorboard\/[\w-]+\/(?!\.)[\w.-]+)$/,
        ),
      pieces: z.array(z.string().regex(/^[0-9a-f]{64}$/)),
    }),
  ),
});
type Contents = z.output<typeof contentsSchema>;

const nameOfContents = (attempt: number): string => `contents-${attempt}`;
const nameOfAttempt = (attempt: number): string => `attempt-${attempt}`;

/**
 * Keeps the files of a run folder in a storage, so that whoever runs it next can go on from its last checkpoint: the
 * pieces first, each named by its content, then the list of them. Without its list nothing of it is taken for whole. A
 * process that lost the run and does not know it yet finds a later attempt than its own, and changes nothing.
 */
export class Snapshots {
  readonly #storage: RunStorage;
  readonly #run: string;
  readonly #attempt: number;
  /** What this attempt may remove once it is of no more use: what was there when it began, and its own. */
  #old: readonly string[] = [];
  #there = new Set<string>();

  private constructor(storage: RunStorage, run: string, attempt: number) {
    this.#storage = storage;
    this.#run = run;
    this.#attempt = attempt;
  }

  /** Begins another attempt: those before it keep nothing any more. */
  static async open(storage: RunStorage, run: string): Promise<Snapshots> {
    const names = await storage.names(run);
    const attempt = 1 + Math.max(0, ...names.flatMap((name) => attemptOf(name) ?? []));
    const snapshots = new Snapshots(storage, run, attempt);
    snapshots.#there = new Set(names);
    snapshots.#old = names.filter((name) => /^([0-9a-f]{64}|(contents|attempt)-\d+)$/.test(name));
    await storage.write(run, nameOfAttempt(attempt), new Uint8Array());
    return snapshots;
  }

  /** @throws FlatminError RUN_INVALID where its files are more than the storage takes. */
  async keep(folder: string): Promise<void> {
    if (await this.#isLost()) return;
    let files = await this.#keepFiles(folder);
    // A checkpoint went while it was to be read, as a newer one is there.
    for (; files === undefined; files = await this.#keepFiles(folder));
    const list = nameOfContents(this.#attempt);
    await this.#storage.write(this.#run, list, new TextEncoder().encode(JSON.stringify({ files })));
    const current = new Set([list, nameOfAttempt(this.#attempt), ...files.flatMap(({ pieces }) => pieces)]);
    await this.#storage.remove(
      this.#run,
      this.#old.filter((name) => !current.has(name)),
    );
    this.#old = [...current];
    this.#there = current;
  }

  async #isLost(): Promise<boolean> {
    const names = await this.#storage.names(this.#run);
    return names.some((name) => (attemptOf(name) ?? 0) > this.#attempt);
  }

  /** Undefined where one of them is no longer there. */
  async #keepFiles(folder: string): Promise<Contents['files'] | undefined> {
    try {
      const paths = await pathsIn(folder);
      await this.#requireRoom(folder, paths);
      const files: Contents['files'] = [];
      // Metrics last: they tell at least as much as the checkpoint then, and a run that goes on drops what is after it.
      for (const each of paths) files.push({ path: each, pieces: await this.#keepFile(path.join(folder, each)) });
      return files;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT' && existsSync(folder)) return undefined;
      throw error;
    }
  }

  async #requireRoom(folder: string, paths: readonly string[]): Promise<void> {
    const { mostOfRun, place } = this.#storage;
    let bytes = 0;
    for (const each of paths) bytes += (await stat(path.join(folder, each))).size;
    if (bytes <= mostOfRun) return;
    throw new FlatminError(
      'RUN_INVALID',
      `the files of the run have ${mebibytes(bytes)} MiB, and ${place} takes ${mebibytes(mostOfRun)} per run. Give a folder that ` +
        'all machines share, here and to the workers: --storage /mnt/shared.',
    );
  }

  async #keepFile(file: string): Promise<string[]> {
    const pieces: string[] = [];
    const handle = await open(file);
    try {
      const { size } = await handle.stat();
      const most = Math.max(1, Math.min(size, this.#storage.mostOfPiece));
      for (;;) {
        const { bytesRead, buffer } = await handle.read(Buffer.alloc(most));
        if (bytesRead === 0) return pieces;
        const piece = buffer.subarray(0, bytesRead);
        const name = createHash('sha256').update(piece).digest('hex');
        if (!this.#there.has(name)) await this.#storage.write(this.#run, name, piece);
        this.#there.add(name);
        pieces.push(name);
      }
    } finally {
      await handle.close();
    }
  }
}

/** Stands in a storage for a run that was asked for: whoever does not find it looks at another storage. */
const askedFor = 'asked-for';

export const askFor = (storage: RunStorage, run: string): Promise<void> =>
  storage.write(run, askedFor, new Uint8Array());

export const isAskedFor = async (storage: RunStorage, run: string): Promise<boolean> =>
  (await storage.read(run, askedFor)) !== undefined;

/**
 * Brings the last whole snapshot of a run into a folder, which holds nothing else of it.
 *
 * @returns false where there is none.
 */
export async function restoreSnapshot(storage: RunStorage, run: string, folder: string): Promise<boolean> {
  const attempts = new Set((await storage.names(run)).flatMap((name) => attemptOf(name) ?? []));
  for (const attempt of [...attempts].sort((a, b) => b - a)) {
    const contents = contentsOf(await storage.read(run, nameOfContents(attempt)));
    if (contents === undefined) continue;
    await rm(folder, { recursive: true, force: true });
    if (await restoreFiles(storage, run, contents, folder)) return true;
  }
  await rm(folder, { recursive: true, force: true });
  return false;
}

function contentsOf(value: Uint8Array | undefined): Contents | undefined {
  try {
    return contentsSchema.safeParse(JSON.parse(Buffer.from(value ?? []).toString('utf8'))).data;
  } catch {
    return undefined;
  }
}

async function restoreFiles(storage: RunStorage, run: string, { files }: Contents, folder: string): Promise<boolean> {
  for (const file of files) {
    const place = path.join(folder, file.path);
    await mkdir(path.dirname(place), { recursive: true });
    const handle = await open(place, 'w');
    try {
      for (const name of file.pieces) {
        const piece = await storage.read(run, name);
        if (piece === undefined || createHash('sha256').update(piece).digest('hex') !== name) return false;
        await handle.writeFile(piece);
      }
      await handle.sync();
    } finally {
      await handle.close();
    }
  }
  return true;
}

function attemptOf(name: string): number | undefined {
  const [, attempt] = /^(?:contents|attempt)-(\d+)$/.exec(name) ?? [];
  return attempt === undefined ? undefined : Number(attempt);
}

/**
 * What of a run folder is kept, from its root: the last checkpoint of a seed, what TensorBoard reads, the run's id at
 * MLflow, the metrics.
 */
async function pathsIn(folder: string): Promise<readonly string[]> {
  const all = (await readdir(folder, { recursive: true })).map((each) => each.replaceAll('\\', '/'));
  const stepOf = (each: string): number => Number(/(\d+)\.flatmin$/.exec(each)?.[1]);
  const checkpoints = all
    .filter((each) => /^checkpoint-seed-\d+\/checkpoint-\d+\.flatmin$/.test(each))
    .sort((a, b) => stepOf(a) - stepOf(b));
  const lastOfEach = new Map(checkpoints.map((each) => [path.posix.dirname(each), each]));
  const events = all.filter((each) => /^tensorboard\/[\w-]+\/(?!\.)[\w.-]+$/.test(each));
  // By which a run goes on with the one that MLflow has of it.
  const tracked = all.filter((each) => /^mlflow-seed-\d+\.json$/.test(each));
  return [...lastOfEach.values(), ...events, ...tracked, ...all.filter((each) => each === 'metrics.jsonl')];
}

const mebibytes = (bytes: number): string => (bytes / 2 ** 20).toLocaleString('en-US', { maximumFractionDigits: 1 });
