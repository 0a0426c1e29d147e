import { afterAll, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { printOfPlugin } from './printOfPlugin.js';

const directory = mkdtempSync(path.join(tmpdir(), 'flatmin-'));
afterAll(() => rmSync(directory, { recursive: true }));

it('is that of a package wherever it is installed, with its version, and that of a file by its content', () => {
  for (const [place, version] of [
    ['one', '1.2.3'],
    ['two', '1.2.4'],
  ] as const) {
    const folder = path.join(directory, place, 'node_modules/flatmin-mine');
    mkdirSync(path.join(folder, 'dist'), { recursive: true });
    const manifest = { name: 'flatmin-mine', version, type: 'module', exports: './dist/index.js' };
    writeFileSync(path.join(folder, 'package.json'), JSON.stringify(manifest));
    writeFileSync(path.join(folder, 'dist/index.js'), 'export default 1;');
    writeFileSync(path.join(directory, place, 'mine.js'), 'export default 1;');
  }
  const at = (place: string, name: string): string => printOfPlugin({ name, from: path.join(directory, place) });
  expect(at('one', 'flatmin-mine')).toBe('flatmin-mine 1.2.3');
  expect(at('two', 'flatmin-mine')).toBe('flatmin-mine 1.2.4');
  // sha256sum mine.js
  expect(at('one', './mine.js')).toBe('mine.js 56332e0a5573');
  expect(at('two', './mine.js')).toBe(at('one', './mine.js'));
  writeFileSync(path.join(directory, 'two/mine.js'), 'export default 2;');
  expect(at('two', './mine.js')).not.toBe(at('one', './mine.js'));
  expect(() => at('one', './other.js')).toThrow(/there is no file/);
});
