import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createPlugin, type CreateOptions } from './createPlugin.js';
import { TemporaryFolders } from './folders.fixture.js';
import { runCommandLine } from './program.js';

const folders = new TemporaryFolders();
afterEach(() => folders.remove());

const read = (folder: string, file: string): string => readFileSync(path.join(folder, file), 'utf8');

/** What is written for @acme/flatmin-my-sam, and where. */
function created(options: CreateOptions = {}) {
  const directory = path.join(folders.make(), 'new/my-sam');
  return createPlugin('@acme/flatmin-my-sam', { directory, ...options });
}

describe('createPlugin', () => {
  it('writes a whole repository, and nothing else', () => {
    const { directory, files } = created();
    const found = readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.relative(directory, path.join(entry.parentPath, entry.name)));
    expect(found.sort()).toEqual([...files].sort());
    expect(found).toEqual([
      '.gitignore',
      'README.md',
      'package.json',
      'src/conformance.test.ts',
      'src/index.ts',
      'src/mySam.ts',
      'src/plugin.ts',
      'tsconfig.json',
    ]);
  });

  it('declares a package that is found as a plugin, on the releases of flatmin it was made with', () => {
    const { directory } = created({ license: 'Apache-2.0', description: 'Says "flat" in one line.' });
    const manifest = JSON.parse(read(directory, 'package.json')) as Record<string, Record<string, string>>;
    const ours = JSON.parse(read(path.join(__dirname, '..'), 'package.json')) as {
      devDependencies: Record<string, string>;
    };
    expect(manifest).toMatchObject({
      name: '@acme/flatmin-my-sam',
      description: 'Says "flat" in one line.',
      license: 'Apache-2.0',
      keywords: expect.arrayContaining(['flatmin-plugin']),
      peerDependencies: {
        '@flatmin/core': `^${ours.devDependencies['@flatmin/core']}`,
        '@tensorflow/tfjs-core': '^4.22.0',
      },
    });
    expect(ours.devDependencies).toMatchObject(manifest.devDependencies as object);
    // Exact, all of them: a test that passes today passes tomorrow.
    for (const version of Object.values(manifest.devDependencies as object)) expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  });

  it('lists every line that waits for its author', () => {
    const { directory, gaps } = created();
    expect(new Set(gaps.map(({ path: file }) => file))).toEqual(
      new Set(['package.json', 'README.md', 'src/conformance.test.ts', 'src/mySam.ts', 'src/plugin.ts']),
    );
    for (const { line, path: file, what } of gaps) {
      expect(read(directory, file).split('\n')[line - 1]?.trim()).toBe(what);
    }
  });

  it.each([
    ['It is "flat".', `'It is "flat".'`],
    ["It's flat.", `"It's flat."`],
    [`It's "flat".`, `'It\\'s "flat".'`],
    ['a \\ b', `'a \\\\ b'`],
  ])('quotes the description %j', (description, literal) => {
    expect(read(created({ description }).directory, 'src/plugin.ts')).toContain(`  description: ${literal},\n`);
  });

  it('refuses a description of two lines before anything is written', () => {
    const directory = path.join(folders.make(), 'my-sam');
    expect(() => createPlugin('my-sam', { directory, description: 'One.\nTwo.' })).toThrow(/more than one line/);
    expect(existsSync(directory)).toBe(false);
  });

  it('refuses a folder that holds files, unless forced, and leaves others alone then', () => {
    const { directory } = created();
    writeFileSync(path.join(directory, 'mine.txt'), 'mine');
    writeFileSync(path.join(directory, 'README.md'), 'old');
    expect(() => createPlugin('my-sam', { directory })).toThrow(
      /my-sam is not empty \(.gitignore, README.md, mine.txt, ...\).*--directory.*--force/,
    );
    expect(read(directory, 'README.md')).toBe('old');
    createPlugin('my-sam', { directory, force: true });
    expect(read(directory, 'README.md')).toMatch(/^# my-sam/);
    expect(read(directory, 'mine.txt')).toBe('mine');
  });

  it('takes the clone of an empty repository, and no file in place of a folder', () => {
    const folder = folders.make();
    mkdirSync(path.join(folder, '.git'));
    expect(createPlugin('my-sam', { directory: folder }).files).toHaveLength(8);
    const file = path.join(folder, 'README.md');
    expect(() => createPlugin('my-sam', { directory: file })).toThrow(/is not a folder .*ENOTDIR/);
  });
});

describe('the command', () => {
  /** Exit code and what was printed, in a working directory of its own. */
  function commanded(...args: readonly string[]) {
    const [out, err] = [process.stdout, process.stderr].map((stream) =>
      jest.spyOn(stream, 'write').mockImplementation(() => true),
    ) as [jest.Spied<typeof process.stdout.write>, jest.Spied<typeof process.stderr.write>];
    try {
      const code = runCommandLine(['node', 'create-flatmin-plugin', ...args]);
      return { code, printed: out.mock.calls.join(''), complained: err.mock.calls.join('') };
    } finally {
      out.mockRestore();
      err.mockRestore();
    }
  }

  it('says what was written, what to fill in, and what to do then', () => {
    const directory = path.join(folders.make(), 'here');
    const { code, printed } = commanded('my-sam', '--directory', directory, '--id', 'your-sam', '--license', 'ISC');
    expect(code).toBe(0);
    expect(printed).toMatch(/^my-sam: 8 files in .*here\. To fill in:$/m);
    expect(printed).toMatch(/^ {2}src\/yourSam\.ts:\d+ +.*Fill in/m);
    expect(printed).toMatch(/^ {2}npm test/m);
    expect(read(directory, 'package.json')).toContain('"license": "ISC"');
  });

  it('refuses in one line, with exit code 1', () => {
    const { code, complained, printed } = commanded('My Sam');
    expect([code, printed]).toEqual([1, '']);
    expect(complained).toMatch(/^"My Sam" is not a valid package name: .*\n$/);
  });

  it.each(['sam', 'flatmin-lets', '@acme/flatmin-adam', 'mlp'])(
    'case 25: refuses %s, whose id flatmin has itself, before anything is written',
    (name) => {
      const target = path.join(folders.make(), 'official');
      expect(() => createPlugin(name, { directory: target })).toThrow(
        /is one of flatmin's own ids\. Choose another one, such as my-/,
      );
      expect(existsSync(target)).toBe(false);
      expect(createPlugin(name, { directory: target, id: 'another' }).id).toBe('another');
      rmSync(target, { recursive: true });
    },
  );
});
