import { readdir, realpath } from 'node:fs/promises';
import nodePath from 'node:path';
import { type ByteSource, bytesOf, missingFile } from './byteSource.js';
import { codeOf, openDataFile } from './dataFile.js';

/** A folder of a data set: nothing outside it is ever read. */
export interface DataFolder {
  readonly path: string;
  /** Names in the folder or in one below it (`train`), sorted by code units, the same everywhere. */
  names(below?: string): Promise<readonly string[]>;
  /**
   * A file by its path in the folder, parts joined by `/`.
   *
   * @throws FlatminError DATA_FILE_MISSING if it does not exist, is not a plain file, or is outside the folder, as the
   *   target of a symbolic link may be.
   */
  open(name: string): Promise<ByteSource>;
}

/**
 * A folder on disk. It may itself be a symbolic link; links inside it must stay inside.
 *
 * @throws FlatminError DATA_FILE_MISSING if it does not exist or is not a folder.
 */
export async function openFolder(path: string): Promise<DataFolder> {
  const root = await realpath(path).catch((error: unknown) =>
    missingFile(path, `cannot be found (${codeOf(error)})`, 'Give the folder of the data as `dir`.', error),
  );
  const inside = async (name: string): Promise<string> => {
    const shown = nodePath.join(path, name);
    const real = await realpath(nodePath.join(root, name)).catch((error: unknown) =>
      missingFile(
        shown,
        `cannot be found (${codeOf(error)})`,
        'Download or install the data, or give another `dir`.',
        error,
      ),
    );
    const way = nodePath.relative(root, real);
    if (way === '..' || way.startsWith(`..${nodePath.sep}`) || nodePath.isAbsolute(way)) {
      missingFile(
        shown,
        'leads out of the folder of the data set',
        'Replace the link with the file that it points to.',
      );
    }
    return shown;
  };
  const folder: DataFolder = {
    path,
    names: async (below = '.') => {
      const names = await readdir(await inside(below)).catch((error: unknown) =>
        missingFile(
          nodePath.join(path, below),
          `is not a folder that can be read (${codeOf(error)})`,
          'Give a folder.',
          error,
        ),
      );
      return names.sort();
    },
    open: async (name) => openDataFile(await inside(name)),
  };
  await folder.names();
  return folder;
}

/** Files in memory as a folder: `{ 'train/a.txt': bytes }`. For tests, and for data from other sources. */
export function memoryFolder(path: string, files: Readonly<Record<string, Uint8Array>>): DataFolder {
  return {
    path,
    names: async (below = '.') => {
      const start = below === '.' ? '' : `${below}/`;
      const inside = Object.keys(files).filter((name) => name.startsWith(start));
      return [...new Set(inside.map((name) => name.slice(start.length).split('/')[0] as string))].sort();
    },
    open: async (name) => {
      const bytes = Object.hasOwn(files, name) ? files[name] : undefined;
      const shown = `${path}/${name}`;
      return bytes === undefined ? missingFile(shown, 'is not there', 'Give another `dir`.') : bytesOf(shown, bytes);
    },
  };
}
