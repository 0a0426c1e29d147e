import { afterAll, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { smallConfig } from '../terminal/command.fixture.js';

// What a command imports before it has anything to do is what its user waits for.
// The command as `flatmin` brings it.
const root = path.join(__dirname, '../../../flatmin');
const directory = mkdtempSync(path.join(tmpdir(), 'flatmin-'));

afterAll(() => rmSync(directory, { recursive: true }));

/** The modules that a command imports, by address; CommonJS packages by their entry alone. */
function loadedBy(...args: string[]): string[] {
  const file = path.join(directory, 'loaded.txt');
  writeFileSync(file, '');
  const hook = path.join(__dirname, 'loadedModules.fixture.mjs');
  execFileSync(process.execPath, ['--import', hook, path.join(root, 'bin/flatmin.js'), ...args], {
    cwd: directory,
    env: { ...process.env, LOADED: file },
  });
  return readFileSync(file, 'utf8').trim().split('\n');
}

describe('what flatmin imports', () => {
  it.each([[['--help']], [['train', '--help']], [['--version']], [[]]])(
    'for %j: the command line, and nothing of what it can do',
    (args) => {
      const loaded = loadedBy(...args);
      const names = loaded
        .filter((url) => url.startsWith('file:'))
        .map((url) => url.replace(/^.*\/(node_modules|packages)\//, ''));
      expect(names).toContain('cli/dist/command/program.js');
      const ofCommandLine =
        /^flatmin\/(bin|dist\/bin\.js)|^cli\/dist\/(index|command\/program|\w+\/add[A-Z]\w+|terminal\/(examples|exitCodes|explain|options|usageError))\.js|^experiments\/dist\/terminal(\/\w+)?\.js|^commander\//;
      expect(names.filter((name) => !ofCommandLine.test(name))).toEqual([]);
    },
  );

  it('to check a config: the plugins and the backend of its run, but neither what draws the report nor what analyzes it', () => {
    const file = path.join(directory, 'config.json');
    writeFileSync(file, JSON.stringify(smallConfig));
    const loaded = loadedBy('train', file, '--check');
    expect(loaded.some((url) => url.endsWith('/official.js'))).toBe(true);
    expect(loaded.filter((url) => /\/(vega|vega-lite|ml-matrix|packages\/analysis)\//.test(url))).toEqual([]);
  });
});
