// The packages that are published, and what each of them exports: found by looking, so that a new one is never
// forgotten.
import fs from 'node:fs';
import path from 'node:path';
import { ROOT } from './setup/steps.mjs';

/** Where the project is to be read. */
export const repository = 'https://github.com/flatmin/flatmin';

/** The package that exports what the others do. */
export const umbrella = 'flatmin';

/**
 * The folders in which packages lie that are published, from the root, with the names under which their readers find
 * them.
 */
export const families = [
  { title: 'Framework', place: 'packages' },
  { title: 'Variants', place: 'packages/variants' },
  { title: 'Data sets', place: 'packages/datasets' },
  { title: 'Models', place: 'packages/models' },
];

export const places = families.map(({ place }) => place);

/**
 * A package of the repository.
 *
 * @typedef {object} Package
 * @property {string} folder where it lies
 * @property {string} place the same from the root, with slashes
 * @property {Record<string, any>} manifest its package.json
 */

/** Every published package of the repository at `root`; `among` narrows the places to look in. */
export function publishedPackages(root = ROOT, among = places) {
  return packagesIn(among, root).filter(({ manifest }) => !manifest.private);
}

/**
 * Every package of these places.
 *
 * @param {readonly string[]} among
 * @returns {Package[]}
 */
export function packagesIn(among, root = ROOT) {
  return among
    .flatMap((place) => fs.readdirSync(path.join(root, place)).map((name) => path.posix.join(place, name)))
    .map((place) => ({ place, folder: path.join(root, place) }))
    .filter(({ folder }) => fs.existsSync(path.join(folder, 'package.json')))
    .map((each) => ({
      ...each,
      manifest: JSON.parse(fs.readFileSync(path.join(each.folder, 'package.json'), 'utf8')),
    }));
}

/**
 * The entries of a package that have types: what imports each, under which condition if any, its declarations, and its
 * source where it has one of its own.
 *
 * @param {Pick<Package, 'manifest'>} package_
 */
export function entriesOf({ manifest: { exports = {}, name } }) {
  return Object.entries(exports).flatMap(([subpath, target]) =>
    typesOf(target).map((each) => ({ ...each, subpath, name: path.posix.join(name, subpath) })),
  );
}

/**
 * The declaration files behind one value of `exports`, each with the condition it stands under, if any.
 *
 * @param {any} target
 * @param {string} [condition]
 * @returns {{ condition: string | undefined, types: string, source: string | undefined }[]}
 */
function typesOf(target, condition) {
  if (target === null || typeof target !== 'object') return [];
  const nested = Object.entries(target).flatMap(([name, each]) => typesOf(each, name));
  const { '@flatmin/source': source, types } = target;
  return typeof types === 'string' ? [{ condition, types, source }, ...nested] : nested;
}
