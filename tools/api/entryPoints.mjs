import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** The folders whose packages are published, as in nx.json's release. */
const parents = ['packages', 'packages/variants', 'packages/datasets', 'packages/models'];

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
  return parents
    .flatMap((parent) => readdirSync(path.join(root, parent)).map((name) => path.join(parent, name)))
    .filter((folder) => existsSync(path.join(root, folder, 'package.json')))
    .flatMap((folder) => {
      const { exports = {}, name } = JSON.parse(readFileSync(path.join(root, folder, 'package.json'), 'utf8'));
      return Object.entries(exports).flatMap(([subpath, target]) =>
        typesOf(target).map(({ condition, types }) => {
          const report = path.join(folder, 'etc', `${reportName(name, subpath, condition)}.api.md`);
          return { name, folder, types: path.join(root, folder, types), report };
        }),
      );
    });
}
