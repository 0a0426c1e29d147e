import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { examplePackages } from './examplePackages.js';

describe.each(examplePackages.map((each) => [each.name, each] as const))('%s', (name, { declared, folder }) => {
  const files = ['src', 'test'].flatMap((part) =>
    readdirSync(path.join(folder, part)).map((file) => path.join(part, file)),
  );

  it('passes its own tests on the built packages, the conformance kit among them', () => {
    const tests = files.filter((file) => file.endsWith('.test.js'));
    expect(tests.length).toBeGreaterThan(0);
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--test', ...tests], {
      cwd: folder,
      encoding: 'utf8',
      timeout: 120_000,
    });
    expect({ status, output: status === 0 ? '' : `${stdout}${stderr}` }).toEqual({ status: 0, output: '' });
    expect(stdout).toMatch(/C13 LETS wraps it/);
  }, 130_000);

  it('imports published packages by name alone, and declares each', () => {
    for (const file of files) {
      const source = readFileSync(path.join(folder, file), 'utf8');
      const imported = [...source.matchAll(/^(?:import|export)\b[^'"]*['"]([^'"]+)['"]/gm)].map(([, from]) => from);
      const foreign = imported.filter(
        (from) => from !== name && !from?.startsWith('node:') && !declared.includes(from ?? ''),
      );
      expect({ file, foreign }).toEqual({ file, foreign: [] });
    }
  });
});
