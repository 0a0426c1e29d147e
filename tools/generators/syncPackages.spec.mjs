import { readJson, updateJson } from '@nx/devkit';
import { describe, expect, it } from '@jest/globals';
import { syncPackages } from './syncPackages.mjs';
import { touched, treeOfRepository } from './workspace.fixture.mjs';

const contents = (tree) => Object.fromEntries(touched.map((file) => [file, tree.read(file, 'utf8')]));
const original = contents(treeOfRepository());

/** What differs from the repository once the files of `tree` are in step again. */
function differences(tree) {
  syncPackages(tree);
  const now = contents(tree);
  return touched.filter((file) => {
    const parse = (text) => (file.endsWith('.json') ? JSON.stringify(JSON.parse(text)) : text);
    return parse(now[file]) !== parse(original[file]);
  });
}

describe('npx nx sync', () => {
  it('has nothing to do: all packages have alike what they should', () => {
    expect(differences(treeOfRepository())).toEqual([]);
  });

  const sam = 'packages/variants/sam/package.json';
  it.each([
    ['an exact version of what users install', sam, (own) => ({ ...own, dependencies: { zod: '4.6.7' } })],
    [
      'a range of what only we install',
      sam,
      (own) => {
        const devDependencies = { '@flatmin/conformance': `^${own.devDependencies['@flatmin/conformance']}` };
        return { ...own, devDependencies };
      },
    ],
    ['other fields', sam, (own) => ({ ...own, engines: {}, files: ['dist'], main: './index.js', stray: true })],
    ['another order', sam, ({ name, ...own }) => ({ ...own, name })],
    ['keywords of another package', sam, (own) => ({ ...own, keywords: ['adam'] })],
    [
      'an entry without types',
      'packages/training/package.json',
      (own) => {
        const entry = { ...own.exports['./node'], types: undefined };
        return { ...own, exports: { ...own.exports, './node': entry } };
      },
    ],
    ['a reference too few', 'packages/lets/tsconfig.json', (own) => ({ ...own, references: [] })],
    ['an option of its own', 'packages/lets/tsconfig.json', (own) => ({ ...own, compilerOptions: { strict: false } })],
    ['a package that is not built', 'tsconfig.json', (own) => ({ ...own, references: own.references.slice(1) })],
  ])('mends %s', (_, file, change) => {
    const tree = treeOfRepository();
    updateJson(tree, file, change);
    expect(tree.read(file, 'utf8')).not.toBe(original[file]);
    expect(differences(tree)).toEqual([]);
  });

  it('mends a configuration of jest, but for one that stands on the preset', () => {
    const tree = treeOfRepository();
    tree.write('packages/lets/jest.config.cjs', 'module.exports = {};\n');
    tree.delete('packages/core/jest.config.cjs');
    expect(differences(tree)).toEqual([]);
    expect(original['packages/create-flatmin-plugin/jest.config.cjs']).toContain('...preset');
  });

  it('keeps what is a package its own', () => {
    const tree = treeOfRepository();
    const own = {
      bin: { lets: './bin/lets.js' },
      files: ['bin', ...JSON.parse(original[sam]).files],
      sideEffects: ['./a.js'],
    };
    updateJson(tree, sam, (manifest) => ({ ...manifest, ...own }));
    expect(differences(tree)).toEqual([sam]);
    expect(readJson(tree, sam)).toMatchObject(own);
  });

  it('refuses what only its author can write, all of it at once', () => {
    const tree = treeOfRepository();
    updateJson(tree, sam, (own) => ({ ...own, description: undefined, nx: undefined }));
    tree.delete('packages/core/README.md');
    expect(() => syncPackages(tree)).toThrow(
      /core: README\.md is missing\n.*sam: package\.json has no description\n.*sam: package\.json has not one tag type:/,
    );
  });

  it('leaves alone what is not published', () => {
    const tree = treeOfRepository();
    tree.write('packages/mine/package.json', '{"name": "mine", "private": true}');
    expect(differences(tree)).toEqual([]);
    expect(tree.read('packages/mine/package.json', 'utf8')).toBe('{"name": "mine", "private": true}');
  });
});
