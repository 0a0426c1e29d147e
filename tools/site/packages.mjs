// What is published, and where it lies: the site has a page for the README, and one for the API, of each package.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';

export const root = path.join(import.meta.dirname, '../..');

/** Where the project is to be read: files that are no pages of the site are linked to there. */
export const repository = 'https://github.com/flatmin/flatmin';

/** The package that exports what the others do. */
export const umbrella = 'flatmin';

/** The folders in which packages lie, with the name under which the site lists them. */
export const families = [
  { title: 'Framework', folder: 'packages' },
  { title: 'Variants', folder: 'packages/variants' },
  { title: 'Data sets', folder: 'packages/datasets' },
  { title: 'Models', folder: 'packages/models' },
];

/** The entries of a package that have a source of their own, by the name that imports them. */
function entriesOf(folder, { name, description, exports = {} }) {
  return Object.entries(exports).flatMap(([entry, { '@flatmin/source': source }]) =>
    source === undefined
      ? []
      : [{ name: path.posix.join(name, entry), source: path.posix.join(folder, source), description }],
  );
}

/** The published packages of a family: name, folder from the root, entries. */
export function packagesOf(family) {
  return readdirSync(path.join(root, family.folder))
    .map((name) => path.posix.join(family.folder, name))
    .filter((folder) => existsSync(path.join(root, folder, 'README.md')))
    .map((folder) => {
      const manifest = JSON.parse(readFileSync(path.join(root, folder, 'package.json'), 'utf8'));
      return { name: manifest.name, folder, entries: entriesOf(folder, manifest) };
    });
}

export const packages = families.flatMap(packagesOf);
