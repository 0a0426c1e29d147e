import { createTreeWithEmptyWorkspace } from '@nx/devkit/testing';
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { publishedPackages } from '../packages.mjs';

export const root = path.resolve(fileURLToPath(import.meta.url), '../../..');

/** What is written for every package. */
const ofPackages = publishedPackages().flatMap(({ place }) =>
  ['package.json', 'tsconfig.json', 'jest.config.cjs', 'README.md'].map((name) => `${place}/${name}`),
);

/** The files that a new variant changes, or that the generators read. */
export const touched = [
  'tsconfig.json',
  'tsconfig.spec.json',
  'packages/core/src/plugin.ts',
  'packages/flatmin/src/index.ts',
  'packages/flatmin/src/optimizers.ts',
  ...ofPackages,
];

/** A tree of Nx, in memory, with the files of this repository that matter. */
export function treeOfRepository() {
  const tree = createTreeWithEmptyWorkspace();
  for (const file of touched) tree.write(file, readFileSync(path.join(root, file), 'utf8'));
  return tree;
}

/** What the test of a variant imports. */
const imported = ['core', 'conformance', 'graph', 'lets', 'models/layers', 'variants/sam'].map(
  (name) => `packages/${name}`,
);

/** Projects of TypeScript with all that they refer to, from the root. */
function withReferences(projects) {
  const referred = projects.flatMap((project) => {
    const { references = [] } = JSON.parse(readFileSync(path.join(root, project, 'tsconfig.json'), 'utf8'));
    return withReferences(references.map((each) => path.join(project, each.path)));
  });
  return [...new Set([...referred, ...projects])];
}

/**
 * A workspace in a folder outside of the repository, with what a new variant's build and test need, and a package of
 * the tree. Its dependencies are ours; its packages are copies, as built, so that all of them know one core.
 */
export function writeWorkspace(folder, tree, project) {
  const tested = withReferences(imported);
  const built = (file) => !/node_modules|\.(spec|fixture)\.ts$/.test(path.relative(root, file));
  for (const each of tested) {
    cpSync(path.join(root, each), path.join(folder, each), {
      recursive: true,
      preserveTimestamps: true,
      filter: built,
    });
  }
  for (const file of ['package.json', 'tsconfig.base.json', '.prettierrc.json']) {
    cpSync(path.join(root, file), path.join(folder, file));
  }
  for (const { content, path: file, type } of tree.listChanges()) {
    if (type !== 'DELETE' && file.startsWith(project)) write(path.join(folder, file), content);
  }
  const references = [...tested, project].map((each) => ({ path: `./${each}` }));
  const spec = { ...JSON.parse(readFileSync(path.join(root, 'tsconfig.spec.json'), 'utf8')), references };
  write(path.join(folder, 'tsconfig.spec.json'), JSON.stringify(spec));
  mkdirSync(path.join(folder, 'tools'));
  symlinkSync(path.join(root, 'tools/jest'), path.join(folder, 'tools/jest'), 'junction');
  linkModules(folder, [...tested, project]);
}

function linkModules(folder, projects) {
  const modules = path.join(folder, 'node_modules');
  mkdirSync(path.join(modules, '@flatmin'), { recursive: true });
  for (const name of readdirSync(path.join(root, 'node_modules'))) {
    if (name === '@flatmin' || name.startsWith('.')) continue;
    symlinkSync(path.join(root, 'node_modules', name), path.join(modules, name), 'junction');
  }
  for (const project of projects) {
    const { name } = JSON.parse(readFileSync(path.join(folder, project, 'package.json'), 'utf8'));
    symlinkSync(path.join(folder, project), path.join(modules, name), 'junction');
  }
}

function write(file, text) {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}
