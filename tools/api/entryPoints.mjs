import path from 'node:path';
import { publishedPackages } from '../release/packages.mjs';

/** The declaration files behind one value of `exports`, each with the condition it stands under, if any. */
function typesOf(target, condition) {
  if (target === null || typeof target !== 'object') return [];
  const nested = Object.entries(target).flatMap(([name, each]) => typesOf(each, name));
  return typeof target.types === 'string' ? [{ condition, types: target.types }, ...nested] : nested;
}

/** `lets` of `@flatmin/lets`; `core.errors` of `@flatmin/core/errors`; `graph.browser` of what browsers get of `@flatmin/graph`. */
const reportName = (name, subpath, condition) =>
  [name.replace(/^@.*\//, ''), ...subpath.split('/').slice(1), ...(condition === undefined ? [] : [condition])].join(
    '.',
  );

/**
 * Every entry point with types of every published package.
 *
 * @param root of the repository.
 * @returns per entry point its package's name and folder, its declarations and where its report belongs.
 */
export function entryPoints(root) {
  return publishedPackages(root).flatMap(({ folder: place, manifest: { exports = {}, name } }) => {
    const folder = path.relative(root, place);
    return Object.entries(exports).flatMap(([subpath, target]) =>
      typesOf(target).map(({ condition, types }) => {
        const report = path.join(folder, 'etc', `${reportName(name, subpath, condition)}.api.md`);
        return { name, folder, types: path.join(place, types), report };
      }),
    );
  });
}
