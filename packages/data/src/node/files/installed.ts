import { createRequire } from 'node:module';
import path from 'node:path';
import { missingFile } from './byteSource.js';
import { type DataFolder, openFolder } from './folder.js';

/** Where packages put a data set. */
export interface InstalledData {
  /** How errors call it. */
  readonly name: string;
  /** Folders where packages of an operating system put it. */
  readonly folders?: readonly string[] | undefined;
  /** An npm package that has it, and the folder in that. */
  readonly npm?: { readonly name: string; readonly folder: string } | undefined;
  /** What to run to get it. */
  readonly install?: string | undefined;
}

/**
 * The first existing place where packages put a data set. npm packages are first looked for in the user's project,
 * where users install them, then next to `from`.
 *
 * @param from `import.meta.url` of the data set's own package.
 * @throws FlatminError DATA_FILE_MISSING with the places, and what to install.
 */
export async function installedFolder(data: InstalledData, from: string): Promise<DataFolder> {
  const places = [...(data.folders ?? []), ...npmFolders(data, from)];
  for (const place of places) {
    const folder = await openFolder(place).catch(() => undefined);
    if (folder !== undefined) return folder;
  }
  const looked = places.length > 0 ? ` (looked in ${places.join(', ')})` : '';
  return missingFile(
    data.name,
    `is not installed${looked}`,
    `Give its folder as \`dir\`. ${data.install ?? ''}`.trim(),
  );
}

function npmFolders({ npm }: InstalledData, from: string): readonly string[] {
  if (npm === undefined) return [];
  for (const place of [path.join(process.cwd(), 'package.json'), from]) {
    try {
      const manifest = createRequire(place).resolve(`${npm.name}/package.json`);
      return [path.join(path.dirname(manifest), npm.folder)];
    } catch {
      continue;
    }
  }
  return [];
}
