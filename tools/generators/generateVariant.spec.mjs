import { readJson } from '@nx/devkit';
import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { gapsOf } from 'create-flatmin-plugin';
import { generateVariant } from './generateVariant.mjs';
import { root, treeOfRepository } from './workspace.fixture.mjs';

const folder = 'packages/variants/p-norm-sam';

/** The lines that a file has gained, each with its neighbors; a lost one is an error. */
function gained(tree, file) {
  const before = readFileSync(path.join(root, file), 'utf8').split('\n');
  const after = tree.read(file, 'utf8').split('\n');
  const found = [];
  for (let i = 0, j = 0; j < after.length; j++) {
    if (after[j] === before[i]) i++;
    else found.push(after.slice(j - 1, j + 2).map((line) => line.trim()));
  }
  expect(after).toHaveLength(before.length + found.length);
  return found;
}

describe('npx nx g variant', () => {
  const tree = treeOfRepository();
  const files = generateVariant(tree, { name: 'p-norm-sam', description: 'SAM in any p-norm.' });

  it('writes a package like those beside it', () => {
    const names = ['README.md', 'jest.config.cjs', 'package.json', 'tsconfig.json'];
    const sources = ['conformance.spec.ts', 'index.ts', 'pNormSam.ts', 'plugin.ts'].map((name) => `src/${name}`);
    expect([...files].sort()).toEqual([...names, ...sources].map((name) => `${folder}/${name}`).sort());
    const mine = readJson(tree, `${folder}/package.json`);
    const sam = readJson(tree, 'packages/variants/sam/package.json');
    expect(mine).toEqual({
      ...sam,
      name: '@flatmin/p-norm-sam',
      version: '0.1.0',
      description: 'SAM in any p-norm.',
      repository: { ...sam.repository, directory: folder },
      keywords: sam.keywords.map((word) => (word === 'sam' ? 'p-norm-sam' : word)),
    });
    const ofGsam = (name) => readFileSync(path.join(root, 'packages/variants/gsam', name), 'utf8');
    expect(readJson(tree, `${folder}/tsconfig.json`)).toEqual(JSON.parse(ofGsam('tsconfig.json')));
    expect(tree.read(`${folder}/jest.config.cjs`, 'utf8')).toBe(ofGsam('jest.config.cjs'));
  });

  it('registers the plugin in the umbrella, in order', () => {
    expect(gained(tree, 'packages/flatmin/src/optimizers.ts')).toEqual([
      [expect.stringMatching(/@flatmin\/msam'/), "import pNormSam from '@flatmin/p-norm-sam';", expect.any(String)],
      [expect.any(String), 'pNormSam,', 'lets,'],
    ]);
    expect(gained(tree, 'packages/flatmin/src/index.ts')).toEqual([
      [
        expect.stringMatching(/@flatmin\/msam'/),
        "export { pNormSam, pNormSamPlugin } from '@flatmin/p-norm-sam';",
        expect.stringMatching(/@flatmin\/rst'/),
      ],
    ]);
    const { dependencies } = readJson(tree, 'packages/flatmin/package.json');
    expect(dependencies['@flatmin/p-norm-sam']).toBe('^0.1.0');
    expect(Object.keys(dependencies)).toEqual(Object.keys(dependencies).sort());
  });

  it.each([
    ['tsconfig.json', './packages/variants/'],
    ['tsconfig.spec.json', './packages/variants/'],
    ['packages/flatmin/tsconfig.json', '../variants/'],
  ])('has %s refer to it', (file, place) => {
    const before = JSON.parse(readFileSync(path.join(root, file), 'utf8'));
    const { references, ...rest } = readJson(tree, file);
    expect(references.filter(({ path: each }) => each !== `${place}p-norm-sam`)).toEqual(before.references);
    expect(references).toHaveLength(before.references.length + 1);
    expect({ ...rest, references: before.references }).toEqual(before);
  });

  it('refuses a name that is taken, and changes nothing then', () => {
    const changes = tree.listChanges().map(({ path: file }) => tree.read(file, 'utf8'));
    const refused = (name) => expect(() => generateVariant(tree, { name }));
    refused('p-norm-sam').toThrow(/@flatmin\/p-norm-sam exists already: see packages\/variants\/p-norm-sam\/package/);
    refused('core').toThrow(/@flatmin\/core exists already: see packages\/core\/package\.json/);
    refused('norm').toThrow(/"norm" cannot be an id: norm is an export of packages\/core\/src\/plugin\.ts already/);
    refused('sgdw').toThrow(/sgdw is an export of packages\/flatmin\/src\/index\.ts already/);
    refused('My Sam').toThrow(/"@flatmin\/My Sam" is not a valid package name/);
    expect(tree.listChanges().map(({ path: file }) => tree.read(file, 'utf8'))).toEqual(changes);
  });

  it('says which file it does not understand', () => {
    const changed = treeOfRepository();
    changed.write('packages/flatmin/src/optimizers.ts', 'export const optimizerPlugins = [];\n');
    const act = () => generateVariant(changed, { name: 'p-norm-sam' });
    expect(act).toThrow(/^packages\/flatmin\/src\/optimizers\.ts has no line like .*import pNormSam from .*by hand/);
  });
});

it('has no variant in this repository with something left to fill in', () => {
  const variants = path.join(root, 'packages/variants');
  const sources = readdirSync(variants).flatMap((name) =>
    ['README.md', 'package.json', 'src/plugin.ts', 'src/conformance.spec.ts'].map((file) =>
      path.join(variants, name, file),
    ),
  );
  const gaps = gapsOf(sources.map((file) => ({ path: file, text: readFileSync(file, 'utf8') })));
  // NaN is a number that some variant may have to refuse.
  expect(gaps.filter(({ what }) => /fill in/i.test(what))).toEqual([]);
});
