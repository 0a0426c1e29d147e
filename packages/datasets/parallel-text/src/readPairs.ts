import { type RecordSource, selectRecords, type TokenPair } from '@flatmin/data';
import { type DataFolder, invalidFile, type LineFile, openLines } from '@flatmin/data/node';
import type { PairNames } from './pairNames.js';

export interface ReadPairsOptions {
  readonly tokens: (text: string) => readonly string[];
  /** Pairs of which one side is empty or longer are left out; without, all stay. */
  readonly maxLength?: number | undefined;
  readonly memory: number;
}

/**
 * Opens two files whose lines of one number belong together; lines are read when they are asked for. Holds some 30
 * bytes a pair, and each file of up to `memory` bytes.
 *
 * @throws FlatminError DATA_FILE_MISSING, DATA_FILE_INVALID with file, offset and remedy: for another number of lines,
 *   among others.
 */
export async function readPairs(
  folder: DataFolder,
  names: PairNames,
  { tokens, maxLength, memory }: ReadPairsOptions,
): Promise<RecordSource<TokenPair>> {
  const open = async (name: string) => {
    const fits: boolean[] = [];
    const keep = ({ text }: { readonly text: string }): boolean => {
      const { length } = tokens(text);
      fits.push(length > 0 && length <= (maxLength ?? 0));
      return true;
    };
    const lines = await openLines(await folder.open(name), { memory, ...(maxLength !== undefined && { keep }) });
    return { lines, fits };
  };
  const [source, target] = [await open(names.source), await open(names.target)];
  checkSizes(source.lines, target.lines);
  const pairs: RecordSource<TokenPair> = {
    size: source.lines.size,
    read: async (indices) => {
      const [from, to] = await Promise.all([source.lines.read(indices), target.lines.read(indices)]);
      return from.map(({ text }, i) => ({ source: tokens(text), target: tokens(to[i]?.text ?? '') }));
    },
  };
  if (maxLength === undefined) return pairs;
  const rows = Uint32Array.from({ length: pairs.size }, (_, i) => i).filter((i) => source.fits[i] && target.fits[i]);
  if (rows.length === 0)
    invalidFile(source.lines.name, 0, `no pair has from 1 to ${maxLength} tokens on both sides`, 'Raise maxLength.');
  return selectRecords(pairs, rows);
}

function checkSizes(source: LineFile, target: LineFile): void {
  if (source.size === 0) invalidFile(source.name, 0, 'it has no lines', 'Give the file again.');
  if (source.size === target.size) return;
  invalidFile(
    target.name,
    0,
    `it has ${target.size} lines, and ${source.name} has ${source.size}`,
    'Lines with the same number belong together: give both files unchanged.',
  );
}
