import { afterAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { rooms } from './rooms.mjs';

const root = path.join(import.meta.dirname, '../..');
const made = [];
afterAll(() => made.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** What the lint says of packages/data/src with these files: a line for each import that is wrong. */
function lint(files) {
  const folder = mkdtempSync(path.join(tmpdir(), 'flatmin-rooms-'));
  made.push(folder);
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(folder, 'packages/data/src', name);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  const program = path.join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const args = [program, '--config', path.join(import.meta.dirname, 'rules.mjs'), 'packages'];
  const env = { ...process.env, FORCE_COLOR: undefined, NO_COLOR: '1' };
  const { status, stdout } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8', env });
  const lines = stdout.replaceAll('packages/data/src/', '').match(/^ *error .*$/gm) ?? [];
  return { status, lines: lines.map((line) => line.trim().replace(/ →.*$/, '')).sort() };
}

const [low, high] = [rooms.data[1], rooms.data.at(-1)];

describe('npm run lint', () => {
  const allowed = {
    'index.ts': `export { high } from './${high}/high.js';\nexport const entry = 1;\n`,
    [`${high}/high.ts`]: `import { low } from '../${low}/low.js';\nexport const high = low;\nexport type High = number;\n`,
    [`${low}/low.ts`]: 'export const low = 1;\n',
    [`${low}/low.spec.ts`]: `import { high } from '../${high}/high.js';\nexport const test = high;\n`,
  };

  it('lets rooms import downwards, entries import rooms, and specs whatever they test', () => {
    expect(lint(allowed)).toEqual({ status: 0, lines: [] });
  });

  it('refuses imports upwards, of values, types and what entries export, at once or later, and circles', () => {
    const files = {
      [`${low}/value.ts`]: `import { high } from '../${high}/high.js';\nexport const value = high;\n`,
      [`${low}/type.ts`]: `import type { High } from '../${high}/high.js';\nexport type Type = High;\n`,
      [`${low}/entry.ts`]: `export { entry } from '../index.js';\n`,
      [`${low}/later.ts`]: `export const later = () => import('../${high}/high.js');\n`,
      [`${high}/a.ts`]: `import { b } from './b.js';\nexport const a = b;\nexport type A = 1;\n`,
      [`${high}/b.ts`]: `import type { A } from './a.js';\nexport const b: A = 1;\n`,
    };
    const upwards = ['entry', 'later', 'type', 'value'].map(
      (name) => `error rooms-import-downwards: ${low}/${name}.ts`,
    );
    expect(lint({ ...allowed, ...files })).toEqual({
      status: 5,
      lines: [`error no-circles: ${high}/a.ts`, ...upwards],
    });
  });
});

describe.each(Object.entries(rooms))('packages/%s/src', (name, order) => {
  const source = path.join(root, 'packages', name, 'src');

  it('has the rooms of the table, and no others', () => {
    const folders = readdirSync(source, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(folders.map((entry) => entry.name).sort()).toEqual([...order].sort());
  });

  it.each(order)('says in %s what belongs there', (room) => {
    const file = path.join(source, room, 'README.md');
    expect(existsSync(file)).toBe(true);
    expect(readFileSync(file, 'utf8').trim().length).toBeGreaterThan(20);
  });
});
