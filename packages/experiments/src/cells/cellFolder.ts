import { writeWhole } from '@flatmin/training/node';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { RunConfig } from '../config/runConfig.js';
import { readMetrics } from '../run/metricsFile.js';
import { ResultsDirectory } from '../run/resultsDirectory.js';
import { RunLock } from '../run/runLock.js';
import { requireSameSettings, settingsOf } from '../run/sameSettings.js';
import { SeedProgress } from '../run/seedProgress.js';
import type { CellOutcome } from '../statistics/results.js';

/** Why a cell failed, as its folder keeps it: beside the files of a run, which another try goes on with. */
export interface Failure {
  readonly message: string;
  readonly at: string;
  /** Where the cell failed before its folder had a config.json. */
  readonly config?: RunConfig;
}

export const failureOf = (folder: string): string => path.join(folder, 'failure.json');

const named = /-([0-9a-f]{16})$/;

/** A folder in which what comes from elsewhere is gathered, beside the cell that it becomes once it is whole. */
export const passingPrefix = (id: string): string => `.taking-${id}-`;
export const passingName = /^\.taking-[0-9a-f]{16}-\w+$/;

/** Whether a folder has the name of a cell. */
export const isCellName = (name: string): boolean => named.test(name);

/** The folders of the cells under a folder, by the ids with which their names end. */
export function foldersById(cells: string): ReadonlyMap<string, string> {
  if (!existsSync(cells)) return new Map();
  return new Map(
    readdirSync(cells).flatMap((name) => {
      const id = named.exec(name)?.[1];
      return id === undefined ? [] : [[id, path.join(cells, name)] as const];
    }),
  );
}

/** The name of a cell's folder: what it is, for people, and its id. */
export function folderName(
  cell: { readonly task: string; readonly row: string; readonly seed: number },
  id: string,
): string {
  const words = [cell.task, cell.row, `seed ${cell.seed}`].filter(Boolean).join(' ');
  // File systems take 255 bytes, and some no other characters.
  const name = words
    .normalize('NFKD')
    .replaceAll(/[^\w.]+/g, '-')
    .replaceAll(/^[-.]+|-+$/g, '')
    .slice(0, 80);
  return `${name}-${id}`;
}

/** @param config of the cell: what is known of it where it failed before it was a run. */
export async function noteFailure(folder: string, message: string, config: RunConfig): Promise<void> {
  await mkdir(folder, { recursive: true });
  const failure: Failure = {
    message,
    at: new Date().toISOString(),
    ...(!existsSync(ResultsDirectory.configOf(folder)) && { config }),
  };
  await writeWhole(failureOf(folder), new TextEncoder().encode(`${JSON.stringify(failure, null, 2)}\n`));
}

/** Another try begins: what the one before failed of is no more. */
export async function forgetFailure(folder: string): Promise<void> {
  await rm(failureOf(folder), { force: true });
}

/**
 * How a cell stands, by its folder alone.
 *
 * @throws FlatminError STATE_MISMATCH where its folder was trained with another config than its name says.
 */
export async function outcomeIn(folder: string, config: RunConfig, backend: string): Promise<CellOutcome> {
  if (!existsSync(folder)) return { status: 'missing' };
  const seed = config.seed ?? 0;
  const told = ResultsDirectory.isRun(folder) ? await toldOf(folder, seed) : undefined;
  if (told?.settings !== undefined) requireSameSettings(told.settings, settingsOf(config, backend), seed, folder);
  const record = told?.ended;
  if (record !== undefined) {
    const { failure } = record;
    return failure === undefined
      ? { status: 'done', record, folder }
      : { status: 'diverged', record, reason: failure, folder };
  }
  if (RunLock.isTaken(folder)) return { status: 'running', folder };
  const failure = readFailure(folder);
  if (failure !== undefined) return { status: 'failed', reason: failure.message, folder };
  return told === undefined ? { status: 'missing', folder } : { status: 'interrupted', folder };
}

/** What the seed has told so far. The folder may be another process's: nothing in it is touched. */
async function toldOf(folder: string, seed: number): Promise<SeedProgress | undefined> {
  let told: SeedProgress | undefined;
  await readMetrics(path.join(folder, 'metrics.jsonl'), (line) => {
    if (line.seed === seed) (told ??= new SeedProgress()).add(line);
  });
  return told;
}

/** Why a cell failed; undefined where it did not. */
export function readFailure(folder: string): Failure | undefined {
  try {
    const read = JSON.parse(readFileSync(failureOf(folder), 'utf8')) as Partial<Failure> | null;
    return typeof read?.message === 'string' ? (read as Failure) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether it is the folder of a cell that failed before it was a run. */
export function hasFailedFirst(folder: string): boolean {
  return !existsSync(ResultsDirectory.configOf(folder)) && readFailure(folder)?.config !== undefined;
}
