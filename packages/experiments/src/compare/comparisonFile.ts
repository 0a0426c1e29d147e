import { FlatminError } from '@flatmin/core';
import { writeWhole } from '@flatmin/training/node';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { readJson } from '../config/checkConfig.js';
import type { CompareConfig } from '../grid/compareConfig.js';
import type { Cell, Grid } from '../grid/grid.js';
import { ResultsDirectory } from '../run/resultsDirectory.js';

/** What the folder of a comparison says of itself, in comparison.json: the grid of the latest call. */
export interface ComparisonFile {
  readonly command: 'compare';
  /** Of flatmin. */
  readonly version: string;
  readonly backend: string;
  readonly threads: number;
  /** As the config file has it, with what `--set` changed. */
  readonly config: CompareConfig;
  readonly grid: Omit<Grid, 'cells'>;
  /** In the order of the grid; a folder may be that of two cells that are the same run. */
  readonly cells: readonly PlacedEntry[];
}

/** A cell, by the place of its run. */
export interface PlacedEntry extends Omit<Cell, 'config'> {
  readonly id: string;
  /** From the folder of the comparison. */
  readonly folder: string;
}

export const comparisonFile = (directory: string): string => path.join(directory, 'comparison.json');

export const cellsFolder = (directory: string): string => path.join(directory, 'cells');

/**
 * The folder of a comparison, made where it is not there.
 *
 * @param out as the user named it; else it is `runs/<time>`, made for this call alone.
 * @throws FlatminError RUN_INVALID where it holds something else.
 */
export async function comparisonDirectory(out: string | undefined, milliseconds: number): Promise<string> {
  if (out === undefined) return ResultsDirectory.newFolder(milliseconds);
  if (!existsSync(comparisonFile(out))) ResultsDirectory.requireFree(out);
  await mkdir(out, { recursive: true });
  return out;
}

export async function writeComparison(directory: string, comparison: ComparisonFile): Promise<void> {
  const text = `${JSON.stringify(comparison, null, 2)}\n`;
  await writeWhole(comparisonFile(directory), new TextEncoder().encode(text));
}

/** @throws FlatminError RUN_INVALID where the folder is not that of a comparison. */
export async function readComparisonFile(directory: string): Promise<ComparisonFile> {
  if (existsSync(comparisonFile(directory))) {
    const read = (await readJson(comparisonFile(directory))) as Partial<ComparisonFile> | null;
    if (read?.command === 'compare' && read.grid !== undefined && Array.isArray(read.cells))
      return read as ComparisonFile;
  }
  throw notComparison(directory);
}

export function notComparison(directory: string): FlatminError {
  return new FlatminError(
    'RUN_INVALID',
    `${directory} is not the folder of a comparison: it has no comparison.json. Give the folder that flatmin compare wrote.`,
  );
}
