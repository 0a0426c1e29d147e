import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { WarmCommand } from '../terminal/command.fixture.js';
import { exitCodesText } from '../terminal/exitCodes.js';
import type { Outcome } from '../terminal/warmNode.fixture.js';

// Codes of signals: commands.spec.ts and runFolders.spec.ts. That of a seed that diverged: runFolders.spec.ts.
let directory = '';
const command = new WarmCommand();
const flatmin = (...args: string[]): Promise<Outcome> => command.run(args, directory);

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'flatmin-'));
  await writeFile(path.join(directory, 'bad.json'), '{ "epochs": 0 }');
});
afterAll(async () => {
  command.end();
  await rm(directory, { recursive: true });
});

describe('the exit code', () => {
  it.each([
    [['--help'], 0],
    [['train', '--help'], 0],
    [['--version'], 0],
    [['runs', 'list'], 0],
    [['train', 'bad.json'], 1],
    [['train', 'absent.json'], 1],
    [['plugins', 'smam'], 1],
    [['data', 'check', 'absent'], 1],
    [['trian'], 2],
    [['data'], 2],
    [['train'], 2],
    [['compare'], 2],
    [['train', '--otu', 'x'], 2],
    [['train', 'bad.json', '--trust'], 2],
    [['quickstart', '--epochs', '0'], 2],
    [['quickstart', '--backend', 'gpu'], 2],
    [['doctor', '--plugin', 'x'], 2],
    [['init', '--model', 'mlp'], 2],
  ])('of %j is %i', async (args, code) => {
    expect({ args, code: (await flatmin(...args)).code }).toEqual({ args, code });
  });

  it('is in the help and the README, with the same words', async () => {
    expect((await flatmin('--help')).out).toContain(exitCodesText);
    const readme = await readFile(path.join(__dirname, '../../README.md'), 'utf8');
    for (const [, code, meaning] of exitCodesText.matchAll(/^ {2}(\d+) +(.+)$/gm))
      expect(readme).toContain(`| ${code} | ${meaning} |`);
  });
});

describe('a name that nobody has', () => {
  it.each([
    [['trian'], 'Did you mean train?'],
    [['train', '--otu', 'x'], 'Did you mean --out?'],
    [
      ['evaluate', 'x', '--part', 'Test'],
      '--part <name...> takes train, validation or test, not "Test". Did you mean "test"?',
    ],
    [['runs', 'export', 'x', '--format', 'cvs'], 'takes csv, json, markdown or latex, not "cvs". Did you mean "csv"?'],
    [['quickstart', '--backend', 'Wasm'], 'Did you mean "wasm"?'],
    [['plugins', 'LETS'], 'no plugin has the id "LETS". Did you mean "lets"?'],
    [['data', 'check', 'Digits'], 'Did you mean "digits"?'],
  ])('%j: is answered with what was probably meant', async (args, message) => {
    expect((await flatmin(...args)).err).toContain(message);
  });
});
