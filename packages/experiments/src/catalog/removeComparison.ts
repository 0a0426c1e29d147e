import { lstatSync, readdirSync, rmdirSync, rmSync, unlinkSync } from 'node:fs';
import path from 'node:path';
import { isCellName, passingName } from '../cells/cellFolder.js';
import { cellsFolder, comparisonFile, notComparison, readComparisonFile } from '../compare/comparisonFile.js';
import { RunLock } from '../run/runLock.js';
import { removeOwn, requireNoLink } from './removeRun.js';

/** What flatmin writes beside the cells; comparison.json goes last: a removal that is cut short can be done again. */
const written = [/^report\.html(?:\.[\w~-]+\.tmp)?$/, /^comparison\.json\.[\w~-]+\.tmp$/, /^comparison\.json$/];

/** What of a cell there is from its first moment on. */
const ofCell = /^(?:config\.json|metrics\.jsonl|failure\.json|run\.lock\.\d+)$/;

/** What became of the folder of a comparison. */
export interface ComparisonRemoval {
  readonly cells: number;
  readonly files: number;
  /** What is not flatmin's, from the folder, and was left where it is; with none the folder is gone. */
  readonly left: readonly string[];
}

/**
 * Removes what flatmin wrote into the folder of a comparison: its cells, those of earlier grids too, each as a run is
 * removed, and the folders that are then empty. Other files stay, and so do symbolic links.
 *
 * @throws FlatminError RUN_INVALID where it is not the folder of a comparison, is a symbolic link, or one of its cells
 *   is in use; nothing is removed then.
 */
export async function removeComparison(directory: string): Promise<ComparisonRemoval> {
  await requireComparison(directory);
  const cells = cellsIn(directory);
  cells.forEach((cell) => RunLock.requireFree(cell));
  let files = 0;
  for (const cell of cells) files += removeOwn(cell);
  const within = cellsFolder(directory);
  removePassing(within);
  const kept = isFolder(within) ? readdirSync(within).sort() : [];
  if (isFolder(within) && kept.length === 0) rmdirSync(within);
  for (const name of written) files += removeFiles(directory, name);
  const names = readdirSync(directory).sort();
  if (names.length === 0) rmdirSync(directory);
  const left = names.flatMap((name) =>
    name === 'cells' && kept.length > 0 ? kept.map((cell) => `${name}/${cell}`) : [name],
  );
  return { cells: cells.length, files, left };
}

/** @throws FlatminError RUN_INVALID where a folder is not that of a comparison, or is a link to one. */
export async function requireComparison(directory: string): Promise<void> {
  requireNoLink(directory);
  await readComparisonFile(directory);
  if (!lstatSync(comparisonFile(directory)).isFile()) throw notComparison(directory);
}

/** The folders of its cells, none of them a link, with a run or the start of one. */
function cellsIn(directory: string): readonly string[] {
  const within = cellsFolder(directory);
  if (!isFolder(within)) return [];
  return readdirSync(within, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && isCellName(entry.name))
    .map(({ name }) => path.join(within, name))
    .filter((cell) => {
      const names = readdirSync(cell);
      return names.length === 0 || names.some((name) => ofCell.test(name));
    });
}

/** What was on its way here from a queue when its process was killed: no run yet. */
function removePassing(cells: string): void {
  if (!isFolder(cells)) return;
  const passing = readdirSync(cells, { withFileTypes: true }).filter(
    (entry) => entry.isDirectory() && passingName.test(entry.name),
  );
  for (const { name } of passing) rmSync(path.join(cells, name), { recursive: true });
}

function isFolder(directory: string): boolean {
  return lstatSync(directory, { throwIfNoEntry: false })?.isDirectory() === true;
}

function removeFiles(directory: string, isOwn: RegExp): number {
  const own = readdirSync(directory, { withFileTypes: true }).filter(
    (entry) => entry.isFile() && isOwn.test(entry.name),
  );
  for (const { name } of own) unlinkSync(path.join(directory, name));
  return own.length;
}
