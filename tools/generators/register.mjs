import { updateJson } from '@nx/devkit';
import { insertBefore, insertSorted } from './insertion.mjs';

/**
 * Registers a variant with the umbrella: its plugins, exports and dependencies. What TypeScript builds follows from the
 * manifests, and its entry in docs/reference/variants.md is made from the plugin once that is built.
 */
export function register(tree, { camel, id, packageName }, version) {
  updateText(tree, 'packages/flatmin/src/optimizers.ts', (text, file) => {
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
    dependencies: { ...manifest.dependencies, [packageName]: `^${version}` },
  }));
}

function updateText(tree, file, update) {
  tree.write(file, update(tree.read(file, 'utf8'), file));
}
