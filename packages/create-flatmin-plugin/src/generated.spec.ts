import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createPlugin } from './createPlugin.js';
import { apply, byHand, description, run, TemporaryFolders, workspaceModules } from './folders.fixture.js';
import { gapsOf } from './variant.js';

// The whole way of a stranger, but for the network: the packages are those of this workspace, as built.
describe('a repository of your own', () => {
  const folders = new TemporaryFolders();
  let folder: string;
  let files: readonly string[];
  const written = (): { path: string; text: string }[] =>
    files.map((file) => ({ path: file, text: readFileSync(path.join(folder, file), 'utf8') }));

  beforeAll(() => {
    folder = folders.make();
    ({ files } = createPlugin('flatmin-p-norm-sam', { directory: folder, description }));
    symlinkSync(workspaceModules, path.join(folder, 'node_modules'), 'junction');
  });
  afterAll(() => folders.remove());

  it('builds as generated, and its test fails with what is to be filled in, and where', () => {
    const { output, status } = run('npm', ['test', '--', '--test-name-pattern=C1 '], folder);
    expect(output).toContain(
      'C1 one step on 1/2 |w|^2, in src/conformance.test.ts: fill in steps[0].weights.kernel, ' +
        'steps[0].metrics.perturbationNorm: by hand, from the formula, not from what the code gives',
    );
    expect(status).toBe(1);
  });

  it('passes the whole kit once a formula is filled in, in fewer than 60 lines', () => {
    apply(byHand, folder);
    expect(byHand.match(/^\+(?!\+\+ )/gm)?.length).toBeLessThan(60);
    expect(gapsOf(written())).toEqual([]);
    const { output, status } = run('npm', ['test'], folder);
    expect({ status, output: status === 0 ? '' : output }).toEqual({ status: 0, output: '' });
    for (const check of ['C1 a step equals arithmetic', 'C13 LETS wraps it', 'C16 accumulate']) {
      expect(output).toMatch(new RegExp(`^ *ok \\d+ - ${check}(?!.*# SKIP)`, 'm'));
    }
    // C14 and C17: there is no reference, and graphs need the native backend.
    expect(output).toMatch(/^# skipped 2$/m);
  });

  it('runs the example of its README, under its own name', () => {
    const readme = readFileSync(path.join(folder, 'README.md'), 'utf8');
    const [, example = ''] = /^```js\n([\s\S]*?)^```/m.exec(readme) ?? [];
    writeFileSync(path.join(folder, 'example.mjs'), example);
    const { output, status } = run(process.execPath, ['example.mjs'], folder);
    expect(status).toBe(0);
    expect(output).toMatch(/^[\d.e-]+ 2$/m);
  });

  it('publishes what it builds, without tests', () => {
    const { output } = run('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], folder);
    const [{ files: packed }] = JSON.parse(output) as [{ files: { path: string }[] }];
    const modules = ['index', 'pNormSam', 'plugin'].flatMap((name) => [`dist/${name}.d.ts`, `dist/${name}.js`]);
    expect(packed.map((file) => file.path).sort()).toEqual(['README.md', ...modules, 'package.json'].sort());
    const publint = run(process.execPath, [path.join(workspaceModules, 'publint/src/cli.js'), '--strict'], folder);
    expect({ status: publint.status, output: publint.status === 0 ? '' : publint.output }).toEqual({
      status: 0,
      output: '',
    });
  });
});
