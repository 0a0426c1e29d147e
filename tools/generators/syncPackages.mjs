import { readJson, writeJson } from '@nx/devkit';
import { places } from '../packages.mjs';
import { jestConfigOf, manifestOf, missingOf, tsconfigOf, withReferences } from './packageFiles.mjs';

/**
 * Writes what all published packages have alike, and the references of the tsconfigs of the root.
 *
 * @param tree of Nx: what is as it should be is left untouched.
 * @throws Error where a package lacks what only its author can write.
 */
export function syncPackages(tree) {
  const packages = publishedIn(tree);
  const missing = packages.flatMap(({ folder, manifest }) => missingOf(folder, manifest, tree.children(folder)));
  if (missing.length > 0) throw new Error(missing.join('\n'));
  const folders = new Map(packages.map(({ folder, manifest }) => [manifest.name, folder]));
  for (const { folder, manifest } of packages) {
    update(tree, `${folder}/package.json`, manifestOf(folder, manifest));
    update(tree, `${folder}/tsconfig.json`, tsconfigOf(folder, manifest, folders));
    const jest = `${folder}/jest.config.cjs`;
    tree.write(jest, jestConfigOf(folder, tree.read(jest, 'utf8') ?? ''));
  }
  for (const file of ['tsconfig.json', 'tsconfig.spec.json'])
    update(tree, file, withReferences(readJson(tree, file), [...folders.values()]));
}

function publishedIn(tree) {
  return places
    .flatMap((place) => tree.children(place).map((name) => `${place}/${name}`))
    .filter((folder) => tree.exists(`${folder}/package.json`))
    .map((folder) => ({ folder, manifest: readJson(tree, `${folder}/package.json`) }))
    .filter(({ manifest }) => !manifest.private);
}

/** Order counts: a manifest is read by people. */
function update(tree, file, value) {
  const now = tree.exists(file) ? JSON.stringify(readJson(tree, file)) : undefined;
  if (now !== JSON.stringify(value)) writeJson(tree, file, value);
}
