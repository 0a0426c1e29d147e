import { FlatminError } from '@flatmin/core';
import {
  comparisonFile,
  findRuns,
  readRows,
  removeComparison,
  removeRun,
  requireComparison,
  requireRunFolder,
  rowsOf,
} from '@flatmin/experiments/internal';
import { print, warn } from '@flatmin/experiments/terminal';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';

/** Removes the folder of a run or of a comparison; asks first on a terminal, and wants `yes` elsewhere. */
export async function rmCommand(folder: string, { yes }: { readonly yes?: true }): Promise<void> {
  const isComparison = existsSync(comparisonFile(folder));
  if (isComparison) await requireComparison(folder);
  else requireRunFolder(folder);
  if (yes !== true && !(await isWanted(folder, isComparison ? runsOf : seedsOf))) {
    warn(`${folder} was not changed.`);
    process.exitCode = 1;
    return;
  }
  if (isComparison) {
    const { cells, files, left } = await removeComparison(folder);
    sayRemoved(folder, `${files} files of ${cells} runs`, left);
  } else {
    const { files, left } = removeRun(folder);
    sayRemoved(folder, `${files} files`, left);
  }
}

function sayRemoved(folder: string, files: string, left: readonly string[]): void {
  print(
    left.length === 0
      ? `Removed ${folder}: ${files}.`
      : `Removed ${files} from ${folder}. Left there, because flatmin did not write it: ${left.join(', ')}.`,
  );
}

async function seedsOf(folder: string): Promise<string> {
  const rows = await rowsOf(folder);
  return rows
    .map(({ method, seed, status, epochs }) => `${method}, seed ${seed}: ${status}, ${epochs} epochs`)
    .join('\n');
}

/** How many of each status: `12 runs: 11 done, 1 failed`. */
async function runsOf(folder: string): Promise<string> {
  const rows = await readRows(findRuns([folder]));
  const statuses = [...new Set(rows.map(({ status }) => status))];
  const counts = statuses.map((status) => `${rows.filter((row) => row.status === status).length} ${status}`);
  return `${rows.length} runs${counts.length > 0 ? `: ${counts.join(', ')}` : ''}`;
}

async function isWanted(folder: string, contentOf: (folder: string) => Promise<string>): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new FlatminError(
      'RUN_INVALID',
      `there is no terminal on which to ask whether to remove ${folder}. Add --yes to remove it.`,
    );
  }
  warn(await contentOf(folder));
  const ask = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(?:es)?$/i.test((await ask.question('Remove it, with its checkpoints? [y/N] ')).trim());
  } finally {
    ask.close();
  }
}
