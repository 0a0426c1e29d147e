import { readJson, writeJson } from '@nx/devkit';
import { namesOf, noDescription, renderTemplate, renderVariant } from 'create-flatmin-plugin';
import { places } from '../packages.mjs';
import { register } from './register.mjs';
import { syncPackages } from './syncPackages.mjs';

const templates = new URL('./templates/', import.meta.url);

/** What has names that a variant's own would hide: from the one it is exported, the other its sources import. */
const exporting = ['packages/flatmin/src/index.ts', 'packages/core/src/plugin.ts'];

/**
 * Writes packages/variants/<name> and registers it.
 *
 * @param tree of Nx: nothing is on disk before all of it is right.
 * @returns the paths of the new package's files, from the root.
 */
export function generateVariant(tree, { description = noDescription, name }) {
  const names = namesOf(`@flatmin/${name}`, name);
  refuseTaken(tree, names);
  const folder = `packages/variants/${name}`;
  const files = [
    ...renderVariant(names, { description, place: 'workspace' }),
    { path: 'README.md', text: renderTemplate(templates, 'README.md', { ...names, description }) },
  ];
  for (const { path, text } of files) tree.write(`${folder}/${path}`, text);
  const { dependencies, devDependencies, nx, peerDependencies } = readJson(tree, 'packages/variants/sam/package.json');
  const own = { name: names.packageName, version: '0.1.0', description };
  writeJson(tree, `${folder}/package.json`, { ...own, dependencies, peerDependencies, devDependencies, nx });
  register(tree, names, own.version);
  syncPackages(tree);
  const written = [...files.map(({ path }) => path), 'package.json', 'tsconfig.json', 'jest.config.cjs'];
  return written.map((path) => `${folder}/${path}`);
}

function refuseTaken(tree, { camel, id, packageName }) {
  const manifests = places.flatMap((place) => tree.children(place).map((child) => `${place}/${child}/package.json`));
  const taken = manifests.find((file) => tree.exists(file) && readJson(tree, file).name === packageName);
  if (taken !== undefined) throw new Error(`${packageName} exists already: see ${taken}. Choose another name.`);
  for (const file of exporting) {
    const names = tree.read(file, 'utf8').replaceAll(/'[^']*'/g, '');
    if (!new RegExp(`\\b${camel}\\b`).test(names)) continue;
    throw new Error(`"${id}" cannot be an id: ${camel} is an export of ${file} already. Choose another name.`);
  }
}
