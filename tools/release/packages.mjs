// The packages that are published: found by looking, so that a new one is never forgotten.
import fs from 'node:fs';
import path from 'node:path';
import { ROOT } from '../setup/steps.mjs';

const PLACES = ['packages', 'packages/variants', 'packages/datasets', 'packages/models'];

/** `{ folder, manifest }` of every published package. */
export function publishedPackages() {
  return packagesIn(PLACES).filter(({ manifest }) => !manifest.private);
}

export function packagesIn(places) {
  return places
    .flatMap((place) => fs.readdirSync(path.join(ROOT, place)).map((name) => path.join(ROOT, place, name)))
    .filter((folder) => fs.existsSync(path.join(folder, 'package.json')))
    .map((folder) => ({ folder, manifest: JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8')) }));
}
