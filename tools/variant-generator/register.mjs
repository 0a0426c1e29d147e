import { updateJson } from '@nx/devkit';
import { insertBefore, insertReference, insertSorted } from './insertion.mjs';

/**
 * Registers a variant wherever each has to be: the plugins and exports of the umbrella, and the projects that TypeScript builds.
 * Its entry in docs/reference/variants.md is made from the plugin once that is built.
 */
export function register(tree, { camel, id, packageName }, version) {
  updateText(tree, 'packages/flatmin/src/official.ts', (text, file) => {
    const line = `import ${camel} from '${packageName}';`;
    const imported = insertSorted(text, { file, key: id, line, pattern: /^import \w+ from '@flatmin\/([\w-]+)';$/ });
    // Variants stand by families, LETS behind the last one: where in the list is a matter of taste.
    return insertBefore(imported, { anchor: '  lets,', file, line: `  ${camel},` });
  });
  updateText(tree, 'packages/flatmin/src/index.ts', (text, file) => {
    const line = `export { ${camel}, ${camel}Plugin } from '${packageName}';`;
    return insertSorted(text, { file, key: id, line, pattern: /^export \{[^}]*\} from '@flatmin\/([\w-]+)';$/ });
  });
  updateJson(tree, 'packages/flatmin/package.json', (manifest) => ({
    ...manifest,
    dependencies: sorted({ ...manifest.dependencies, [packageName]: version }),
  }));
  refer(tree, 'packages/flatmin/tsconfig.json', `../variants/${id}`);
  for (const file of ['tsconfig.json', 'tsconfig.spec.json']) refer(tree, file, `./packages/variants/${id}`);
}

function updateText(tree, file, update) {
  tree.write(file, update(tree.read(file, 'utf8'), file));
}

function refer(tree, file, path) {
  updateJson(tree, file, (config) => ({ ...config, references: insertReference(config.references, { file, path }) }));
}

function sorted(dependencies) {
  return Object.fromEntries(Object.entries(dependencies).sort(([a], [b]) => (a < b ? -1 : 1)));
}
