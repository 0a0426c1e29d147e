import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { WarmCommand } from '../terminal/command.fixture.js';

const repository = path.join(__dirname, '../../../..');
const guide = readFileSync(path.join(repository, 'docs/guides/look-at-a-minimum.md'), 'utf8');
const directory = mkdtempSync(path.join(tmpdir(), 'flatmin-minimum-'));
const command = new WarmCommand();

/** The commands of the guide in their order, without what they say of themselves. */
const commands = [...guide.matchAll(/^```sh\n([\s\S]*?)^```/gm)].flatMap(([, block = '']) =>
  block
    .trim()
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim().split(/ +/).slice(2)),
);
/** Few examples, products and points. */
const small = ['--examples', '48', '--batch', '24', '--k', '2', '--products', '6', '--points', '5'];

async function said(args: readonly string[]): Promise<string> {
  const { code, out, err } = await command.run(args, directory);
  expect({ args, code, err: code === 0 ? '' : err }).toEqual({ args, code: 0, err: '' });
  return out;
}

beforeAll(() => {
  symlinkSync(path.join(repository, 'node_modules'), path.join(directory, 'node_modules'), 'junction');
  const sgd = { use: 'sgd', learningRate: 0.1 };
  const sam = { use: 'sam', rho: 0.1, base: sgd };
  const optimizers = { config: sam, sgd, sam, lets: { use: 'lets', inner: sam } };
  for (const [name, optimizer] of Object.entries(optimizers)) {
    // What the guide says that a trajectory needs.
    const checkpoints = name === 'config' ? { keepCheckpoints: 50, checkpointEvery: 6 } : {};
    const task = { dataset: { use: 'digits' }, model: { use: 'mlp', hidden: [4] }, epochs: 1, batchSize: 64 };
    writeFileSync(path.join(directory, `${name}.json`), JSON.stringify({ ...task, ...checkpoints, optimizer }));
  }
});
afterAll(() => {
  command.end();
  rmSync(directory, { recursive: true });
});

it('the guide to a minimum runs as it stands, on few examples', async () => {
  expect(commands.map(([name]) => name)).toEqual(['train', ...Array<string>(7).fill('analyze')]);
  for (const name of ['sgd', 'sam', 'lets']) await said(['train', `${name}.json`, '--out', `runs/${name}`]);
  let all = '';
  for (const args of commands) all += await said(args[0] === 'analyze' ? [...args, ...small] : args);
  expect(all).toMatch(/^Measured on 48 of 1,167 training examples of digits: the largest Hessian eigenvalue is/m);
  for (const measured of [
    /^trace, Gauss-Newton matrix/m,
    /^largest eigenvalue, .*dense/m,
    /^rise of the loss, m-sharpness, adaptive/m,
    /^The filter-normalized plane around the weights is measured at 25 points\.$/m,
    /^On the line between sgd and sam\(sgd\) the barrier is /m,
    /^The plane through sgd, sam\(sgd\) and lets\(sam\(sgd\)\) is measured at 25 points\.$/m,
    /^The plane in which its 4 checkpoints differ most has /m,
  ])
    expect(all).toMatch(measured);
  expect(existsSync(path.join(directory, 'runs/mine/analysis/report.html'))).toBe(true);
});
