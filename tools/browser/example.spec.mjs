import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { example } from './examplePage.mjs';
import { ROOT } from '../setup/steps.mjs';

const source = path.join(example, 'src');
const { dependencies, devDependencies } = JSON.parse(readFileSync(path.join(example, 'package.json'), 'utf8'));

describe('the sources of docs/examples/browser', () => {
  it('import published packages by name alone, and declare each', () => {
    const files = readdirSync(source).filter((name) => /(?<!\.d)\.ts$/.test(name));
    const imported = files.flatMap((name) => {
      const text = readFileSync(path.join(source, name), 'utf8');
      return [...text.matchAll(/(?:\bfrom|\bimport|\bimport\()\s*'([^'.][^']*)'/g)].map(([, from]) => from);
    });
    const packages = new Set(imported.map((from) => /^(?:@[^/]+\/)?[^/]+/.exec(from)?.[0]));
    expect([...packages].sort()).toEqual(Object.keys(dependencies).sort());
  });

  it('take the versions that this repository is tested with', () => {
    const { packages } = JSON.parse(readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8'));
    const others = Object.entries({ ...dependencies, ...devDependencies }).filter(
      ([name]) => !name.startsWith('@flatmin/'),
    );
    const locked = others.map(([name]) => [name, packages[`node_modules/${name}`].version]);
    expect(others).toEqual(locked);
  });

  it('have no type errors', () => {
    const tsc = path.join(ROOT, 'node_modules/typescript/bin/tsc');
    const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', example], {
      encoding: 'utf8',
      timeout: 500_000,
    });
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
  });
});
