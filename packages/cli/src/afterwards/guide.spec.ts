import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { WarmCommand } from '../terminal/command.fixture.js';
import type { Outcome } from '../terminal/warmNode.fixture.js';

const repository = path.join(__dirname, '../../../..');
const guide = readFileSync(path.join(repository, 'docs/guides/use-a-trained-model.md'), 'utf8');
const directory = mkdtempSync(path.join(tmpdir(), 'flatmin-guide-'));

beforeAll(() => {
  symlinkSync(path.join(repository, 'node_modules'), path.join(directory, 'node_modules'), 'junction');
});
afterAll(() => {
  command.end();
  rmSync(directory, { recursive: true });
});

/**
 * The blocks of the guide in their order: a file, whose name is the first in code before it, commands, or a program.
 */
const blocks = [...guide.matchAll(/^(?<before>.*)\n\n?```(?<kind>csv|json|sh|js fragment)\n(?<code>[\s\S]*?)^```/gm)];

const command = new WarmCommand();

async function output(run: Promise<Outcome>): Promise<string> {
  const { code, out, err } = await run;
  expect({ code, err: code === 0 ? '' : err }).toEqual({ code: 0, err: '' });
  return out;
}

it('case 37: the guide runs as it stands, commands, files and programs', async () => {
  let said = '';
  for (const [i, { groups }] of blocks.entries()) {
    const { before = '', kind = '', code = '' } = groups ?? {};
    if (kind === 'sh') {
      const lines = code
        .trim()
        .split('\n')
        .map((line) => line.replace(/^npx flatmin /, ''));
      for (const line of lines) said += await output(command.run(line.split(' '), directory));
      continue;
    }
    const name = kind === 'js fragment' ? `program-${i}.mjs` : (/`([^`]+)`/.exec(before)?.[1] ?? '');
    mkdirSync(path.dirname(path.join(directory, name)), { recursive: true });
    writeFileSync(path.join(directory, name), code);
    if (kind === 'js fragment') said += await output(command.node(name, directory));
  }
  expect(blocks.length).toBeGreaterThan(12);
  expect(said).toMatch(/seed 0, best weights, step \d+\n {2}train/);
  expect(said).toContain('example,prediction,p(setosa),p(versicolor)\n1,setosa,0.');
  expect(said).toMatch(/\[ 'setosa', 'versicolor' \] setosa \[/);
  expect(said).toContain('own-model: a tf.LayersModel');
});
