import { createRequire } from 'node:module';
import path from 'node:path';
import { type DataFolder, missingFile, openFolder } from '@flatmin/data/node';
import type { KnownSet, SetName } from './sets.js';

/** The first of the places where packages put a set. */
export async function findFolder(set: SetName, known: KnownSet): Promise<DataFolder> {
  const places = [...(known.folders ?? []), ...npmFolders(known)];
  for (const place of places) {
    const folder = await openFolder(place).catch(() => undefined);
    if (folder !== undefined) return folder;
  }
  const looked = places.length > 0 ? ` (looked in ${places.join(', ')})` : '';
  return missingFile(set, `is not installed${looked}`, `Give its folder as \`dir\`. ${known.install ?? ''}`.trim());
}

/** From the user's project first: that is where he installed it. */
function npmFolders({ npm }: KnownSet): readonly string[] {
  if (npm === undefined) return [];
  for (const from of [path.join(process.cwd(), 'package.json'), import.meta.url]) {
    try {
      const manifest = createRequire(from).resolve(`${npm.name}/package.json`);
      return [path.join(path.dirname(manifest), npm.folder)];
    } catch {
      continue;
    }
  }
  return [];
}
