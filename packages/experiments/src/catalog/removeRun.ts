import { FlatminError } from '@flatmin/core';
import { existsSync, lstatSync, readdirSync, rmdirSync, unlinkSync } from 'node:fs';
import path from 'node:path';
import { hasFailedFirst } from '../cells/cellFolder.js';
import { ResultsDirectory } from '../run/resultsDirectory.js';
import { RunLock } from '../run/runLock.js';

/** Names that flatmin gives to what it writes, by the folder in that of a run; config.json goes last. */
const written: readonly (readonly [folder: RegExp, file: RegExp])[] = [
  [/^checkpoint-seed-\d+$/, /^checkpoint-\d{6,}\.flatmin(?:\.[\w~-]+\.tmp)?$/],
  [/^tensorboard\/seed-\d+$/, /^events\.out\.tfevents\..*\.flatmin$/],
  [
    /^analysis$/,
    /^(?:(?:report|comparison)\.html|(?:plane|line|trajectory)-step-\d+-seed-\d+-[0-9a-f]{16}\.jsonl)(?:\.[\w~-]+\.tmp|\.tmp)?$/,
  ],
  [/^$/, /^mlflow-seed-\d+\.json$/],
  [/^$/, /^(?:metrics\.jsonl|report\.html|failure\.json|config\.json)(?:\.[\w~-]+\.tmp)?$/],
];

/** What became of a folder. */
export interface Removal {
  readonly files: number;
  /** Names of what is not flatmin's, and was left where it is; with none the folder is gone. */
  readonly left: readonly string[];
}

/**
 * Removes what flatmin wrote into the folder of a run, and the folders that are then empty. Other files stay, and so
 * do symbolic links: nothing outside the folder is touched.
 *
 * @throws FlatminError RUN_INVALID where it is not the folder of a run, is a symbolic link, or is in use.
 */
export function removeRun(directory: string): Removal {
  requireRunFolder(directory);
  const files = removeOwn(directory);
  return { files, left: existsSync(directory) ? readdirSync(directory) : [] };
}

/**
 * Does that with a folder whatever is in it, and counts the files.
 *
 * @throws FlatminError RUN_INVALID where it is in use.
 */
export function removeOwn(directory: string): number {
  const lock = RunLock.take(directory);
  let files = 0;
  try {
    for (const [folder, file] of written) files += removeFrom(directory, folder, file);
  } finally {
    lock.release();
  }
  if (readdirSync(directory).length === 0) rmdirSync(directory);
  return files;
}

/** @throws FlatminError RUN_INVALID where it is a symbolic link. */
export function requireNoLink(directory: string): void {
  const stats = lstatSync(directory.replace(/(?<=.)[/\\]+$/, ''), { throwIfNoEntry: false });
  if (stats?.isSymbolicLink() !== true) return;
  throw new FlatminError('RUN_INVALID', `${directory} is a link. Name the folder itself.`);
}

/** @throws FlatminError RUN_INVALID where a folder is not that of a run, or is a link to one. */
export function requireRunFolder(directory: string): void {
  requireNoLink(directory);
  if (ResultsDirectory.isRun(directory) || hasFailedFirst(directory)) return;
  throw new FlatminError(
    'RUN_INVALID',
    `${directory} is not the folder of a run: it has no config.json and metrics.jsonl. Name one that flatmin runs list shows.`,
  );
}

/** Removes the files of the folders that are so called, and those folders where they are empty then. */
function removeFrom(directory: string, folder: RegExp, file: RegExp): number {
  let count = 0;
  for (const name of foldersIn(directory).filter((each) => folder.test(each))) {
    const within = path.join(directory, name);
    const entries = readdirSync(within, { withFileTypes: true });
    const own = entries.filter((entry) => entry.isFile() && file.test(entry.name)).map((entry) => entry.name);
    // What makes it a run goes last: a removal that is cut short can be done again.
    for (const each of own.sort((a, b) => Number(a === 'config.json') - Number(b === 'config.json'))) {
      unlinkSync(path.join(within, each));
      count++;
    }
    for (let at = name; at !== ''; at = at.includes('/') ? path.posix.dirname(at) : '') {
      if (readdirSync(path.join(directory, at)).length === 0) rmdirSync(path.join(directory, at));
    }
  }
  return count;
}

/** The folder itself, '', and folders of it down to the second level, none of them a link. */
function foldersIn(directory: string): readonly string[] {
  const below = (name: string): string[] =>
    readdirSync(path.join(directory, name), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => path.posix.join(name, entry.name));
  const own = below('');
  return [...own.filter((name) => name === 'tensorboard').flatMap(below), ...own, ''];
}
