import path from 'node:path';
import { entriesOf, publishedPackages } from '../../packages.mjs';

/**
 * `lets` of `@flatmin/lets`; `core.errors` of `@flatmin/core/errors`; `graph.browser` of what browsers get of
 * `@flatmin/graph`.
 */
const reportName = ({ condition, name }) =>
  [...name.replace(/^@[^/]*\//, '').split('/'), ...(condition === undefined ? [] : [condition])].join('.');

/**
 * Every entry point with types of every published package.
 *
 * @param {string} root of the repository.
 * @returns per entry point its package's name and folder, its declarations and where its report belongs.
 */
export function entryPoints(root) {
  return publishedPackages(root).flatMap(({ folder, manifest, place }) =>
    entriesOf({ manifest }).map((entry) => ({
      name: manifest.name,
      folder: place,
      types: path.join(folder, entry.types),
      report: path.posix.join(place, 'etc', `${reportName(entry)}.api.md`),
    })),
  );
}
