import type { FlatminContainer } from '@flatmin/core';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { pathsOf, withoutPaths } from '../config/specPaths.js';
import type { Cell } from '../grid/grid.js';
import { settingsOf } from '../run/sameSettings.js';

/** What decides the numbers of every cell alike. */
export interface CellContext {
  /** Of flatmin. */
  readonly version: string;
  readonly backend: string;
  /** Of the backend, for each process: sums are taken in another order by another number of them. */
  readonly threads: number;
}

/**
 * What makes a cell that cell and no other, in 16 characters: all settings that decide its numbers, its seed, the data,
 * the files that its model is read from, the backend, and the version of flatmin. Names of methods are none of it: a
 * method may be called something else.
 *
 * @param data as `dataPrint` tells it.
 */
export async function cellId(
  { config, seed }: Pick<Cell, 'config' | 'seed'>,
  data: string,
  context: CellContext,
  container: FlatminContainer,
): Promise<string> {
  const { backend, threads, version } = context;
  const settings = settingsOf({ ...config, model: withoutPaths(config.model, container) }, backend);
  const files = await Promise.all(pathsOf(config.model, container).map(printOfFile));
  return print(canonical({ settings, seed, data, files, threads, version }));
}

async function printOfFile(file: string): Promise<string> {
  // What is not a file, or is not there, the model itself will tell.
  const bytes = await readFile(file).catch(() => file);
  return print(bytes);
}

function print(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 16);
}

/** JSON in which the order of names, which means nothing, is always the same. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
