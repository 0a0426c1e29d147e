import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';

// The bin as npm installs it, with and without the command beside it.
const root = path.join(__dirname, '..');
const directory = mkdtempSync(path.join(tmpdir(), 'flatmin-bin-'));
const installed = path.join(directory, 'node_modules/flatmin');

beforeAll(() => {
  for (const name of ['bin', 'dist', 'package.json'])
    cpSync(path.join(root, name), path.join(installed, name), { recursive: true });
});
afterAll(() => rmSync(directory, { recursive: true }));

const flatmin = (...args: string[]) =>
  spawnSync(process.execPath, [path.join(installed, 'bin/flatmin.js'), ...args], { encoding: 'utf8', cwd: directory });

describe('the bin of flatmin', () => {
  it('says in one line what to install where the command was left out', () => {
    const { status, stdout, stderr } = flatmin('train', 'config.json');
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toBe(
      'flatmin: the command needs @flatmin/cli, which is not installed. Run `npm install @flatmin/cli`.\n',
    );
  });

  it('runs the command where it is there, and prints the version of flatmin', () => {
    mkdirSync(path.join(directory, 'node_modules/@flatmin'));
    symlinkSync(path.join(root, '../cli'), path.join(directory, 'node_modules/@flatmin/cli'), 'junction');
    const { status, stdout, stderr } = flatmin('--version');
    const { version } = createRequire(__filename)('../package.json') as { version: string };
    expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' });
  });
});
