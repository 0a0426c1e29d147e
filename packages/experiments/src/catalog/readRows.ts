import { isFlatminError } from '@flatmin/core';
import path from 'node:path';
import { hasFailedFirst, readFailure } from '../cells/cellFolder.js';
import { parsedLine, sayDamaged } from '../run/metricsFile.js';
import { RunLock } from '../run/runLock.js';
import { warn } from '../terminal/terminal.js';
import { foundConfig, type SeedConfig } from './foundConfig.js';
import { lineNumberAt, linesFromEnd, type PlacedLine } from './linesFromEnd.js';
import type { RunRow } from './runRow.js';
import { SeedEnd } from './seedEnd.js';

/** Gets the numbers of the damaged lines of a file. */
export type DamageListener = (file: string, lines: readonly number[]) => void;

/** Folders that are read at a time: more would wait for the same disk, or run out of open files. */
const atATime = 32;

/**
 * A row for each seed of some run folders. Of metrics.jsonl the end is read, as far back as the seeds of the folder
 * need it; steps are passed over unparsed. Nothing is written. A damaged line that was met is named on standard error,
 * and so is a folder whose config is none.
 *
 * @param onDamage is told the lines instead.
 */
export async function readRows(
  folders: readonly string[],
  onDamage: DamageListener = sayDamaged,
): Promise<readonly RunRow[]> {
  const rows: RunRow[] = [];
  for (let i = 0; i < folders.length; i += atATime) {
    const some = await Promise.all(folders.slice(i, i + atATime).map((folder) => rowsOrNone(folder, onDamage)));
    rows.push(...some.flat());
  }
  return rows;
}

async function rowsOrNone(folder: string, onDamage: DamageListener): Promise<readonly RunRow[]> {
  try {
    return await rowsOf(folder, onDamage);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    // It may have been removed since it was found.
    if (!isFlatminError(error) && code === undefined) throw error;
    warn(`${folder} is left out: ${message}`);
    return [];
  }
}

/** The rows of one run folder, in the order of its config. */
export async function rowsOf(folder: string, onDamage: DamageListener = sayDamaged): Promise<readonly RunRow[]> {
  const { seeds, created } = foundConfig(folder);
  const ends = hasFailedFirst(folder) ? new Map<string, SeedEnd>() : await endsOf(metricsOf(folder), seeds, onDamage);
  const isInUse = RunLock.isTaken(folder);
  return seeds.map(({ run: _, ...seed }) => {
    const end = ends.get(keyOf(seed)) ?? new SeedEnd();
    return { folder, ...seed, ...withFailure(folder, end.figures(isInUse)), created };
  });
}

/** A run of a comparison that did not get to its end, and why. */
function withFailure<T extends Pick<RunRow, 'status'>>(
  folder: string,
  figures: T,
): T & Pick<RunRow, 'status' | 'reason'> {
  if (figures.status !== 'interrupted' && figures.status !== 'missing') return figures;
  const failure = readFailure(folder);
  return failure === undefined ? figures : { ...figures, status: 'failed', reason: failure.message };
}

const metricsOf = (folder: string): string => path.join(folder, 'metrics.jsonl');

const keyOf = ({ method, seed }: { readonly method: string; readonly seed: number }): string => `${seed} ${method}`;

/** What the last lines of each seed say. */
async function endsOf(
  file: string,
  seeds: readonly SeedConfig[],
  onDamage: DamageListener,
): Promise<ReadonlyMap<string, SeedEnd>> {
  const ends = new Map(seeds.map((seed) => [keyOf(seed), new SeedEnd()]));
  const open = new Set(ends.keys());
  const passed = new PassedSteps();
  const damaged: number[] = [];
  scan: for await (const lines of linesFromEnd(file)) {
    for (const line of lines) {
      if (passed.has(line)) continue;
      const parsed = parsedLine(line.bytes.toString('utf8'));
      if (parsed === undefined) {
        damaged.push(line.at);
        continue;
      }
      if (parsed.event === 'step') passed.add(line);
      const key = keyOf(parsed);
      ends.get(key)?.add(parsed);
      if (ends.get(key)?.isKnown === true) open.delete(key);
      if (open.size === 0) break scan;
    }
  }
  if (damaged.length > 0) {
    onDamage(file, await Promise.all(damaged.reverse().map((at) => lineNumberAt(file, at))));
  }
  return ends;
}

/** Steps of seeds of which the last one is known: told by the start of their lines. */
class PassedSteps {
  readonly #starts: Buffer[] = [];

  has({ bytes }: PlacedLine): boolean {
    return this.#starts.some(
      (start) => bytes.length > start.length && bytes.compare(start, 0, start.length, 0, start.length) === 0,
    );
  }

  add({ bytes }: PlacedLine): void {
    // {"event":"step","method":"sam","seed":0,
    const [start] =
      /^\{"event":"step","method":"(?:[^"\\]|\\.)*","seed":\d+,/.exec(bytes.toString('utf8', 0, 1000)) ?? [];
    if (start !== undefined) this.#starts.push(Buffer.from(start));
  }
}
