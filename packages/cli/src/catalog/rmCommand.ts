import { FlatminError } from '@flatmin/core';
import { removeRun, requireRunFolder, rowsOf } from '@flatmin/experiments/internal';
import { print, warn } from '@flatmin/experiments/terminal';
import { createInterface } from 'node:readline/promises';

/** Removes the folder of a run; asks first on a terminal, and wants `yes` elsewhere. */
export async function rmCommand(folder: string, { yes }: { readonly yes?: true }): Promise<void> {
  requireRunFolder(folder);
  if (yes !== true && !(await isWanted(folder))) {
    warn(`${folder} is as it was.`);
    process.exitCode = 1;
    return;
  }
  const { files, left } = removeRun(folder);
  print(
    left.length === 0
      ? `Removed ${folder}: ${files} files.`
      : `Removed ${files} files of the run from ${folder}. Left there, as flatmin did not write it: ${left.join(', ')}.`,
  );
}

async function isWanted(folder: string): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new FlatminError(
      'RUN_INVALID',
      `there is no terminal to ask on whether ${folder} may go. Add --yes if it may.`,
    );
  }
  const rows = await rowsOf(folder);
  warn(
    rows.map(({ method, seed, status, epochs }) => `${method}, seed ${seed}: ${status}, ${epochs} epochs`).join('\n'),
  );
  const ask = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(?:es)?$/i.test((await ask.question('Remove it, with its checkpoints? [y/N] ')).trim());
  } finally {
    ask.close();
  }
}
