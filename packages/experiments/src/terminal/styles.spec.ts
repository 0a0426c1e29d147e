import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

// In processes of their own: Node looks at the environment of the process, which tests do not share.
const entry = pathToFileURL(path.join(__dirname, '../../dist/terminal.js')).href;

/** What a program prints that has the styles. */
function printed(program: string, env: Readonly<Record<string, string>>): string {
  const { PATH } = process.env;
  const source = `const { failure, heading, print, printTable } = await import(${JSON.stringify(entry)});\n${program}`;
  const options = { encoding: 'utf8', env: { PATH, ...env } } as const;
  return spawnSync(process.execPath, ['--input-type=module', '-e', source], options).stdout;
}

const table = `printTable('method  loss\\n------------\\nSGD        1\\n-          2');`;

describe('styles', () => {
  it('are none in a pipe, and none by NO_COLOR', () => {
    for (const env of [{}, { NO_COLOR: '1' }, { FORCE_COLOR: '0' }])
      expect(printed(table, env)).toBe('method  loss\n------------\nSGD        1\n-          2\n');
  });

  it('set off the head of a table and its rule, where color is forced', () => {
    expect(printed(table, { FORCE_COLOR: '1' })).toBe(
      '\u001b[1mmethod  loss\u001b[22m\n\u001b[2m------------\u001b[22m\nSGD        1\n-          2\n',
    );
    expect(printed(`process.stdout.write(failure('flatmin'))`, { FORCE_COLOR: '1' })).toBe(
      '\u001b[31mflatmin\u001b[39m',
    );
  });

  it('leave out what a text would do to the terminal', () => {
    const program = `process.stdout.write(heading('a\\u001b[2Jb')); printTable('\\u001b]0;title\\u0007x');`;
    expect(printed(program, { FORCE_COLOR: '1' })).toBe('\u001b[1mab\u001b[22mx\n');
  });
});
