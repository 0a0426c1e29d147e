import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { examplePackages } from './examplePackages.js';
import { ROOT as root } from '../setup/steps.mjs';

const run = (args: readonly string[], cwd: string) =>
  spawnSync(process.execPath, args, { cwd, encoding: 'utf8', timeout: 500_000 });

it('has a third-party plugin of every kind, each the default export of its package', () => {
  const urls = examplePackages.map(({ folder }) => pathToFileURL(path.join(folder, 'src/index.js')).href);
  const script = `
    import { checkPlugin, pluginKinds } from '@flatmin/core/plugin';
    const plugins = await Promise.all(${JSON.stringify(urls)}.map(async (url) => (await import(url)).default));
    plugins.forEach(checkPlugin);
    console.log(JSON.stringify({ found: plugins.map(({ kind }) => kind), pluginKinds }));`;
  const { stderr, stdout } = run(['--input-type=module', '--eval', script], root);
  expect(stderr).toBe('');
  const { found, pluginKinds } = JSON.parse(stdout) as { found: string[]; pluginKinds: string[] };
  expect(found).toEqual(examplePackages.map(({ kind }) => kind));
  expect([...found].sort()).toEqual([...pluginKinds].sort());
});

describe.each(examplePackages.map((each) => [each.name, each] as const))('%s', (name, { declared, folder, kind }) => {
  const files = ['src', 'test'].flatMap((part) =>
    readdirSync(path.join(folder, part)).map((file) => path.join(part, file)),
  );

  it('passes its own tests on the built packages, the conformance kit among them where there is one', () => {
    const tests = files.filter((file) => file.endsWith('.test.js'));
    expect(tests.length).toBeGreaterThan(0);
    const { status, stdout, stderr } = run(['--test', ...tests], folder);
    expect({ status, output: status === 0 ? '' : `${stdout}${stderr}` }).toEqual({ status: 0, output: '' });
    // Only variants, and metas around them, have a kit.
    if (kind === 'variant' || kind === 'meta') expect(stdout).toMatch(/C13 LETS wraps it/);
  });

  it('imports published packages by name alone, and declares each', () => {
    for (const file of files) {
      const { importedFiles } = ts.preProcessFile(readFileSync(path.join(folder, file), 'utf8'));
      const foreign = importedFiles
        .map(({ fileName }) => fileName)
        .filter((from) => from !== name && !from.startsWith('node:') && !from.startsWith('./'))
        // An entry of a package is that package's: `@flatmin/core/plugin`.
        .filter((from) => !declared.includes(/^(?:@[^/]+\/)?[^/]+/.exec(from)?.[0] ?? from));
      expect({ file, foreign }).toEqual({ file, foreign: [] });
    }
  });
});
