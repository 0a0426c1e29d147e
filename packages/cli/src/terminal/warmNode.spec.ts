import { afterAll, describe, expect, it } from '@jest/globals';
import { mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { WarmNode } from './warmNode.fixture.js';

const directory = realpathSync(mkdtempSync(path.join(tmpdir(), 'flatmin-warm-')));
symlinkSync(path.join(__dirname, '../../../../node_modules'), path.join(directory, 'node_modules'), 'junction');
const node = new WarmNode();
afterAll(() => {
  node.end();
  rmSync(directory, { recursive: true });
});

let programs = 0;
function run(code: string, ...args: string[]) {
  const file = path.join(directory, `${programs++}.mjs`);
  writeFileSync(file, code);
  return { file, outcome: node.run(file, args, directory) };
}
const outcomeOf = (code: string, ...args: string[]) => run(code, ...args).outcome;

describe('a program in a process that others had', () => {
  it('has its arguments, its folder, its output and its exit code, again when it runs again', async () => {
    const code = `
      console.log(process.argv.slice(2).join(), process.cwd());
      console.error('and errors');
      process.exitCode = 3;`;
    const { file, outcome } = run(code, 'a', 'b');
    const said = { code: 3, signal: null, out: `a,b ${directory}\n`, err: 'and errors\n' };
    expect(await outcome).toEqual(said);
    expect(await node.run(file, ['a', 'b'], directory)).toEqual(said);
    expect(await outcomeOf('')).toEqual({ code: 0, signal: null, out: '', err: '' });
  });

  it('has ended when nothing is left to do', async () => {
    const code = `setTimeout(() => setTimeout(() => console.log('late'), 20), 20); console.log('early');`;
    expect(await outcomeOf(code)).toMatchObject({ code: 0, out: 'early\nlate\n' });
    expect(await outcomeOf('await new Promise(() => undefined);')).toMatchObject({ code: 13 });
  });

  it('is in the process of the one before, unless that one ended it', async () => {
    const pid = async () => (await outcomeOf('console.log(process.pid);')).out;
    const first = await pid();
    expect(await pid()).toBe(first);
    expect(await outcomeOf(`throw new Error('no');`)).toMatchObject({
      code: 1,
      err: expect.stringMatching(/Error: no\n/) as unknown,
    });
    const second = await pid();
    expect(second).not.toBe(first);
    expect(await outcomeOf(`console.log('said'); process.exit(4);`)).toMatchObject({ code: 4, out: 'said\n' });
    expect(await outcomeOf(`process.kill(process.pid, 'SIGKILL');`)).toMatchObject({ code: null, signal: 'SIGKILL' });
    expect(await pid()).not.toBe(second);
  });

  it('finds TensorFlow.js as it was: no variables, and the backend that it has without a choice', async () => {
    const code = `
      import * as tf from '@tensorflow/tfjs';
      import { loadBackend } from '@flatmin/backend';
      await tf.ready();
      console.log(tf.getBackend(), tf.memory().numTensors);
      await loadBackend('wasm');
      tf.variable(tf.scalar(1), true, 'one');`;
    for (let i = 0; i < 2; i++) expect(await outcomeOf(code)).toMatchObject({ code: 0, out: 'cpu 0\n', err: '' });
  });
});
