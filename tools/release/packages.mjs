// The packages that are published: found by looking, so that a new one is never forgotten.
import fs from 'node:fs';
import path from 'node:path';
import { ROOT } from '../setup/steps.mjs';

/** Folders in which packages lie that are published, from the root of the repository. */
export const PLACES = ['packages', 'packages/variants', 'packages/datasets', 'packages/models'];

/** `{ folder, manifest }` of every published package of the repository at `root`. */
export function publishedPackages(root = ROOT) {
  return packagesIn(PLACES, root).filter(({ manifest }) => !manifest.private);
}

export function packagesIn(places, root = ROOT) {
  return places
    .flatMap((place) => fs.readdirSync(path.join(root, place)).map((name) => path.join(root, place, name)))
    .filter((folder) => fs.existsSync(path.join(folder, 'package.json')))
    .map((folder) => ({ folder, manifest: JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8')) }));
}
