import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.join(__dirname, '../../../flatmin');
const repository = path.join(root, '../..');
const guide = readFileSync(path.join(repository, 'docs/guides/use-a-trained-model.md'), 'utf8');
const directory = mkdtempSync(path.join(tmpdir(), 'flatmin-guide-'));

beforeAll(() => {
  symlinkSync(path.join(repository, 'node_modules'), path.join(directory, 'node_modules'), 'junction');
});
afterAll(() => rmSync(directory, { recursive: true }));

/**
 * The blocks of the guide in their order: a file, whose name is the first in code before it, commands, or a program.
 */
const blocks = [...guide.matchAll(/^(?<before>.*)\n\n?```(?<kind>csv|json|sh|js fragment)\n(?<code>[\s\S]*?)^```/gm)];

const run = (...args: string[]): string =>
  execFileSync(process.execPath, args, {
    cwd: directory,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, FORCE_COLOR: '0' },
  });

it('case 37: the guide runs as it stands, commands, files and programs', () => {
  let output = '';
  for (const [i, { groups }] of blocks.entries()) {
    const { before = '', kind = '', code = '' } = groups ?? {};
    if (kind === 'sh') {
      const lines = code
        .trim()
        .split('\n')
        .map((line) => line.replace(/^npx flatmin /, ''));
      for (const line of lines) output += run(path.join(root, 'dist/bin.js'), ...line.split(' '));
      continue;
    }
    const name = kind === 'js fragment' ? `program-${i}.mjs` : (/`([^`]+)`/.exec(before)?.[1] ?? '');
    mkdirSync(path.dirname(path.join(directory, name)), { recursive: true });
    writeFileSync(path.join(directory, name), code);
    if (kind === 'js fragment') output += run(name);
  }
  expect(blocks.length).toBeGreaterThan(12);
  expect(output).toMatch(/seed 0, best weights, step \d+\n {2}train/);
  expect(output).toContain('example,prediction,p(setosa),p(versicolor)\n1,setosa,0.');
  expect(output).toMatch(/\[ 'setosa', 'versicolor' \] setosa \[/);
  expect(output).toContain('own-model: a tf.LayersModel');
});
