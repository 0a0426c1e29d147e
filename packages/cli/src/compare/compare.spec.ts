import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { RandomStream } from '@flatmin/core';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { start, WarmCommand } from '../terminal/command.fixture.js';
import type { Outcome } from '../terminal/warmNode.fixture.js';

let directory = '';
const command = new WarmCommand();
const flatmin = (...args: string[]): Promise<Outcome> => command.run(args, directory);

/** In a process of its own, the head of a group with those that train in it. */
const begin = (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  start(args, { cwd: directory, env: { ...process.env, ...env }, detached: true });

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'flatmin-'));
  await writeFile(path.join(directory, 'clouds.mjs'), clouds);
  await symlink(path.join(__dirname, '../../../../node_modules'), path.join(directory, 'node_modules'), 'junction');
});
afterAll(async () => {
  command.end();
  await rm(directory, { recursive: true });
});

/** Two clouds of points, one a class, whose training part cannot be read where it is asked to fail. */
const clouds = `
import { RandomStream } from '@flatmin/core';
import * as tf from '@tensorflow/tfjs';
const part = (name, fails) => ({
  size: 32,
  async *batches({ batchSize, shuffle }) {
    if (fails && name === 'train' && shuffle && process.env.CLOUDS_FAIL) throw new Error('the disk is gone');
    const noise = new RandomStream(1).at(name).normals(64);
    for (let at = 0; at < 32; at += batchSize) {
      const count = Math.min(batchSize, 32 - at);
      const y = Int32Array.from({ length: count }, (_, i) => (at + i) % 2);
      const x = Float32Array.from({ length: 2 * count }, (_, i) => noise[2 * at + i] + (y[i >> 1] ? 1 : -1));
      yield { x: tf.tensor2d(x, [count, 2]), y: tf.tensor1d(y, 'int32') };
    }
  },
});
const options = {
  '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value }) },
};
export default {
  kind: 'dataset', id: 'clouds', apiVersion: 1, options,
  create: ({ fails }) => ({
    id: 'clouds', inputShape: [2], classes: 2,
    train: part('train', fails), validation: part('validation'), test: part('test'),
  }),
};
`;

const base = { use: 'momentum', learningRate: 0.1, momentum: 0.9 };
const config = {
  plugins: ['./clouds.mjs'],
  dataset: { use: 'clouds' },
  model: { use: 'mlp', hidden: [4] },
  methods: { SGD: base, SAM: { use: 'sam', rho: 0.1, base } },
  sweep: { 'optimizer.rho': [0.1, 0.5] },
  epochs: 2,
  batchSize: 8,
  seeds: [0, 1],
  backend: 'cpu',
  dryRun: false,
};

async function save(name: string, content: object): Promise<string> {
  await writeFile(path.join(directory, name), JSON.stringify(content));
  return name;
}
const cellsOf = (out: string): string[] => readdirSync(path.join(directory, out, 'cells')).sort();

/** The lines of a cell, without times and memory. */
function linesOf(out: string, cell: string): readonly Readonly<Record<string, unknown>>[] {
  const drop = new Set(['seconds', 'secondsElapsed', 'peakMemory']);
  const text = readFileSync(path.join(directory, out, 'cells', cell, 'metrics.jsonl'), 'utf8').trim();
  return text
    .split('\n')
    .map(
      (line) =>
        JSON.parse(line, (key, value: unknown) => (drop.has(key) ? undefined : value)) as Record<string, unknown>,
    );
}
const startsOf = (out: string, cell: string): number =>
  linesOf(out, cell).filter(({ event }) => event === 'start').length;

describe('flatmin compare', () => {
  it('runs every cell once, tells how they compare, and a second call runs what is missing', async () => {
    const file = await save('two.json', config);
    const first = await flatmin('compare', file, '--out', 'two');
    expect(first).toMatchObject({ code: 0 });
    expect(first.err).toMatch(/^6 runs \(3 rows, 2 seeds\), about 80 gradient evaluations; 2 processes, on cpu\.$/m);
    expect(first.err).toMatch(/^\[6\/6\] /m);
    for (const row of ['SGD', 'SAM, rho 0.1', 'SAM, rho 0.5']) {
      expect(first.out).toMatch(new RegExp(`^${row} +[01]\\.\\d{3} ± 0\\.\\d{3}`, 'm'));
    }
    expect(readdirSync(path.join(directory, 'two')).sort()).toEqual(['cells', 'comparison.json', 'report.html']);
    const cells = cellsOf('two');
    expect(cells.map((name) => name.replace(/-[0-9a-f]{16}$/, ''))).toEqual([
      'SAM-rho-0.1-seed-0',
      'SAM-rho-0.1-seed-1',
      'SAM-rho-0.5-seed-0',
      'SAM-rho-0.5-seed-1',
      'SGD-seed-0',
      'SGD-seed-1',
    ]);
    for (const cell of cells) expect(startsOf('two', cell)).toBe(1);

    // Another name is no other run; another seed is one; another length is another.
    const more = { ...config, methods: { Plain: base, SAM: config.methods.SAM }, seeds: [1, 2, 0] };
    const second = await flatmin('compare', await save('more.json', more), '--out', 'two');
    expect(second.err).toMatch(/^9 runs .*, 3 runs of them here and now/m);
    expect(second.out).toMatch(/^Plain +[01]\.\d{3} ± /m);
    expect(cellsOf('two')).toHaveLength(9);
    for (const cell of cells) expect(startsOf('two', cell)).toBe(1);
    const longer = await flatmin('compare', file, '--out', 'two', '--set', 'epochs=3', '--dry-run');
    expect(longer.out).toMatch(/6 to run\.$/m);
  }, 120_000);

  it('goes on where a cell fails, says why, and tries it again when asked', async () => {
    const swept = { ...config, sweep: { 'dataset.fails': [false, true] }, seeds: [0] };
    const file = await save('fails.json', swept);
    const failed = await begin(['compare', file, '--out', 'fails'], { CLOUDS_FAIL: '1' }).ended;
    expect(failed.code).toBe(1);
    expect(failed.err).toMatch(/fails true · SGD · seed 0: failed: .*the disk is gone/);
    expect(failed.err).toContain('2 of 4 runs failed. Try again with --retry-failed.');
    expect(failed.out).toMatch(/the disk is gone/);
    // The disk is back, but nobody asked for another try.
    const told = await flatmin('compare', file, '--out', 'fails', '--dry-run');
    expect(told.out).toMatch(/fails true · SGD · seed 0: not run \(failed\)$/m);
    const again = await flatmin('compare', file, '--out', 'fails', '--retry-failed');
    expect(again).toMatchObject({ code: 0 });
    expect(again.out).not.toContain('the disk is gone');
  }, 120_000);

  it('says all that is wrong before anything is run', async () => {
    const wrong = { ...config, batchSize: 0, methods: { ...config.methods, SAM: { use: 'smam', base } } };
    const { code, err } = await flatmin('compare', await save('wrong.json', wrong), '--out', 'wrong');
    expect(code).toBe(1);
    expect(err).toMatch(/wrong\.json has 2 problems:\n.*batchSize.*\n.*methods\.SAM.*"smam" is not registered/);
    expect(existsSync(path.join(directory, 'wrong'))).toBe(false);
  }, 60_000);

  it('shares the cells with another call of the same moment, and of shares in other folders', async () => {
    const file = await save('shared.json', { ...config, epochs: 6 });
    const both = await Promise.all([1, 2].map(() => begin(['compare', file, '--out', 'shared', '--jobs', '1']).ended));
    for (const { code, out } of both)
      expect({ code, out }).toMatchObject({ code: 0, out: expect.stringMatching(/^SGD +[01]\.\d{3} ± /m) as unknown });
    for (const cell of cellsOf('shared')) expect(startsOf('shared', cell)).toBe(1);

    await Promise.all(
      [1, 2].map((i) => begin(['compare', file, '--out', `share-${i}`, '--shard', `${i}/2`, '--jobs', '1']).ended),
    );
    expect([...cellsOf('share-1'), ...cellsOf('share-2')].sort()).toEqual(cellsOf('shared'));
    for (const share of ['share-1', 'share-2']) {
      for (const cell of cellsOf(share)) expect(linesOf(share, cell)).toEqual(linesOf('shared', cell));
    }
    const together = await flatmin('runs', 'compare', 'share-1', 'share-2');
    const rows = (text: string): string[] => text.match(/^(?:SGD|SAM).*±.*$/gm) ?? [];
    expect(rows(together.out)).toEqual(rows(both[0]?.out ?? ''));
    expect(rows(together.out)).toHaveLength(3);
  }, 180_000);

  it('killed at random moments, ends with the table of a call that was not', async () => {
    const many = {
      ...config,
      sweep: { 'optimizer.rho': [0.1, 0.2, 0.3, 0.4, 0.5] },
      seeds: [0, 1, 2, 3],
      checkpointEvery: 2,
    };
    const file = await save('many.json', many);
    const whole = await flatmin('compare', file, '--out', 'whole');
    expect(whole).toMatchObject({ code: 0 });
    const moments = new RandomStream(16);
    let kills = 0;
    for (let attempt = 0; attempt < 3; attempt++) {
      const { child, text, ended } = begin(['compare', file, '--out', 'killed']);
      // From when the first process trains; some of a few dozen milliseconds, the time of a cell.
      while (child.exitCode === null && !/^\d+ runs /m.test(text.err)) await sleep(10);
      await sleep(1500 + 1500 * (moments.at(String(attempt)).uniforms(1)[0] as number));
      if (child.exitCode === null) {
        process.kill(-(child.pid as number), 'SIGKILL');
        kills++;
      }
      await ended;
    }
    const rest = await flatmin('compare', file, '--out', 'killed');
    expect(rest).toMatchObject({ code: 0 });
    expect(kills).toBeGreaterThan(0);
    expect(cellsOf('killed')).toEqual(cellsOf('whole'));
    for (const cell of cellsOf('whole')) expect(linesOf('killed', cell)).toEqual(linesOf('whole', cell));
    const tableOf = ({ out }: Outcome): string => out.slice(0, out.indexOf('Results:')).replaceAll(/ +[\d.]+$/gm, '');
    expect(tableOf(rest)).toBe(tableOf(whole));
  }, 240_000);
});
