import { FlatminError } from '@flatmin/core';
import { type Dirent, existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { hasFailedFirst } from '../cells/cellFolder.js';

/** The folder that is searched for runs, unless folders are named. */
export const defaultRoot = 'runs';

/**
 * The run folders at and below some roots, in the order of their names: every folder with a config.json and a
 * metrics.jsonl, including the cells of a comparison, and the cells that failed before they had these files. Symbolic
 * links below a root and hidden folders are skipped.
 *
 * @throws FlatminError RUN_INVALID if a root does not exist; it is not an error that `runs` does not exist yet.
 */
export function findRuns(roots: readonly string[] = []): readonly string[] {
  if (roots.length === 0) return existsSync(defaultRoot) ? below(defaultRoot) : [];
  return [...new Set(roots.flatMap((root) => below(path.normalize(root))))];
}

function below(root: string): readonly string[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(root, { withFileTypes: true });
  } catch (cause) {
    throw new FlatminError(
      'RUN_INVALID',
      `cannot read ${root}: ${(cause as Error).message}. Give the folder of a run, or one with runs in it.`,
      { cause },
    );
  }
  const names = new Set(entries.map(({ name }) => name));
  if (names.has('config.json') && names.has('metrics.jsonl')) return [root];
  if (names.has('failure.json') && hasFailedFirst(root)) return [root];
  return entries
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && entry.name !== 'node_modules')
    .map(({ name }) => name)
    .sort((a, b) => (a < b ? -1 : 1))
    .flatMap((name) => below(path.join(root, name)));
}
