import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decodeCheckpoint, disposeCheckpoint } from '@flatmin/training';
import { RandomStream } from '@flatmin/core';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { start, WarmCommand } from '../terminal/command.fixture.js';
import type { Outcome } from '../terminal/warmNode.fixture.js';

// In processes that are killed, and, where none is, in one after the other.
let directory = '';
const command = new WarmCommand();
const flatmin = (...args: string[]): Promise<Outcome> => command.run(args, directory);

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'flatmin-'));
});
afterAll(async () => {
  command.end();
  await rm(directory, { recursive: true });
});

/**
 * A variant with state and a base with slots under LETS with Adam and memory, on held-out batches; all that a step can
 * leave.
 */
const config = {
  dataset: { use: 'digits' },
  model: { use: 'mlp', hidden: [12] },
  optimizer: {
    use: 'lets',
    memory: 0.5,
    upper: { use: 'adam', learningRate: 0.05 },
    inner: { use: 'fsam', rho: 0.05, base: { use: 'momentum', learningRate: 0.05, momentum: 0.9 } },
  },
  epochs: 2,
  batchSize: 32,
  seeds: [1, 2],
  learningRate: { schedule: 'cosine' },
  logEvery: 3,
  evaluate: { everySteps: 11 },
  earlyStopping: { patience: 100 },
  // A checkpoint each step: whenever a process is killed, it is likely to be writing one.
  checkpointEvery: 1,
};
/** 1,167 examples in batches of 32, twice. */
const steps = 74;

async function run(...args: string[]): Promise<void> {
  expect(await flatmin(...args)).toMatchObject({ code: 0 });
}

const times = new Set(['seconds', 'secondsElapsed']);
/** The lines of a file of metrics, in their order, without times. */
async function metricsOf(out: string): Promise<string[]> {
  const text = await readFile(path.join(out, 'metrics.jsonl'), 'utf8');
  expect(text.endsWith('\n')).toBe(true);
  const withoutTimes = (key: string, value: unknown): unknown => (times.has(key) ? undefined : value);
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.stringify(JSON.parse(line, withoutTimes)));
}

/**
 * Every number of the last checkpoint of a seed: weights, slots, state of the variant, best weights, and how the run
 * stands.
 */
async function lastOf(out: string, seed: number): Promise<object> {
  const file = path.join(out, `checkpoint-seed-${seed}`, `checkpoint-0000${steps}.flatmin`);
  const checkpoint = decodeCheckpoint(await readFile(file), file);
  const { run, ...groups } = checkpoint;
  const values = Object.entries(groups).map(([group, tensors]) => [
    group,
    tensors.map(({ name, tensor }) => [name, tensor.shape, [...tensor.dataSync()]]),
  ]);
  disposeCheckpoint(checkpoint);
  return { run: { ...run, seconds: 0 }, values };
}

/** What the report says, without times. Vega counts what it clips over all charts of a process; here of the page. */
async function reportOf(out: string): Promise<string> {
  const html = await readFile(path.join(out, 'report.html'), 'utf8');
  const clips = [...new Set(html.match(/\bclip\d+/g))];
  return html
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replaceAll(/<td class="machine">[^<]*<\/td>/g, 'SECONDS')
    .replaceAll(/\bclip\d+/g, (clip) => `clip number ${clips.indexOf(clip)}`);
}

async function expectSame(out: string, whole: string): Promise<void> {
  expect(await metricsOf(out)).toEqual(await metricsOf(whole));
  for (const seed of config.seeds) expect(await lastOf(out, seed)).toEqual(await lastOf(whole, seed));
  expect(await reportOf(out)).toBe(await reportOf(whole));
  expect((await readdir(out)).sort()).toEqual((await readdir(whole)).sort());
  const left = (await readdir(path.join(out, 'checkpoint-seed-2'))).sort();
  expect(left).toEqual((await readdir(path.join(whole, 'checkpoint-seed-2'))).sort());
}

/** Steps of all seeds that are in checkpoints. */
function progressOf(out: string): number {
  return config.seeds.reduce((sum, seed) => {
    const folder = path.join(out, `checkpoint-seed-${seed}`);
    const names = existsSync(folder) ? readdirSync(folder) : [];
    return sum + Math.max(0, ...names.map((name) => Number(/^checkpoint-(\d+)\.flatmin$/.exec(name)?.[1] ?? 0)));
  }, 0);
}

/** Files of checkpoints that are not whole. */
function unfinishedIn(out: string): number {
  const folders = readdirSync(out).filter((name) => name.startsWith('checkpoint-seed'));
  return folders.flatMap((name) => readdirSync(path.join(out, name))).filter((name) => name.endsWith('.tmp')).length;
}

describe('flatmin train, killed', () => {
  it('eight times, from its start to its end, ends with the bits of the run that was not', async () => {
    const file = path.join(directory, 'config.json');
    await writeFile(file, JSON.stringify(config));
    const [whole, out] = [path.join(directory, 'whole'), path.join(directory, 'killed')];
    await run('train', file, '--out', whole);
    const uniform = new RandomStream(7).generator();
    const total = steps * config.seeds.length;
    // At its start, in either seed, between the two, and before the last step.
    const moments = [0, 9, 31, 52, steps, steps + 20, steps + 50, total - 1];
    let halfWritten = 0;
    for (const [kill, until] of moments.entries()) {
      const isStarted = existsSync(path.join(out, 'config.json'));
      const args = isStarted ? ['train', '--resume', out] : ['train', file, '--out', out];
      const { child, ended } = start(args, { cwd: directory });
      const isThere = (): boolean => existsSync(path.join(out, 'config.json')) && progressOf(out) >= until;
      while (child.exitCode === null && !isThere()) await sleep(2);
      // And then a moment that no event decides; or one at which a file is being written.
      if (kill % 2 === 0) await sleep(uniform() * 15);
      else for (let looks = 0; looks < 5000 && unfinishedIn(out) === 0; looks++);
      child.kill('SIGKILL');
      expect(await ended).toMatchObject({ code: null, signal: 'SIGKILL' });
      halfWritten += unfinishedIn(out);
    }
    await run('train', '--resume', out);
    await expectSame(out, whole);
    // Of what is written at each step some was caught on its way: the test met what it is about.
    expect(halfWritten).toBeGreaterThan(0);
  });

  it('goes past a damaged checkpoint, finished seeds stay, and a finished run is only told again', async () => {
    const [whole, out] = [path.join(directory, 'whole'), path.join(directory, 'damaged')];
    await cp(whole, out, { recursive: true });
    // As after a kill in the second seed, with a checkpoint whose last bytes the disk lost and a half line of metrics.
    const folder = path.join(out, 'checkpoint-seed-2');
    const last = path.join(folder, `checkpoint-0000${steps}.flatmin`);
    await writeFile(last, (await readFile(last)).subarray(0, -9));
    const metrics = await readFile(path.join(out, 'metrics.jsonl'), 'utf8');
    await writeFile(path.join(out, 'metrics.jsonl'), metrics.slice(0, metrics.lastIndexOf('{"event":"end"') + 20));
    const first = path.join(out, 'checkpoint-seed-1');
    const before = readdirSync(first).map((name) => statSync(path.join(first, name)).mtimeMs);
    const { code, err } = await flatmin('train', '--resume', out);
    expect(code).toBe(0);
    expect(err).toMatch(/resuming from .*checkpoint-000073.flatmin, because .*checkpoint-000074.flatmin is cut off/);
    expect(err).toMatch(/seed 2, on \w+, from step 73/);
    expect(err).not.toContain('seed 1');
    await expectSame(out, whole);
    expect(readdirSync(first).map((name) => statSync(path.join(first, name)).mtimeMs)).toEqual(before);
    const told = readFileSync(path.join(out, 'metrics.jsonl'));
    await run('train', '--resume', out);
    expect(readFileSync(path.join(out, 'metrics.jsonl'))).toEqual(told);
  });

  it('refuses a checkpoint of another run, a directory without a run, and one that has a run already', async () => {
    const ended = async (expected: number, args: readonly string[]): Promise<string> => {
      const { code, err } = await flatmin(...args);
      expect({ args, code }).toEqual({ args, code: expected });
      return err;
    };
    const refused = (...args: string[]): Promise<string> => ended(1, args);
    const misused = (...args: string[]): Promise<string> => ended(2, args);
    const out = path.join(directory, 'changed');
    await cp(path.join(directory, 'whole'), out, { recursive: true });
    await writeFile(path.join(out, 'metrics.jsonl'), '');
    await writeFile(path.join(out, 'config.json'), JSON.stringify({ ...config, batchSize: 16 }));
    expect(await refused('train', '--resume', out)).toMatch(/to another run:\n {2}- batchSize: 32 there, 16 here/);
    expect(await refused('train', '--resume', directory)).toMatch(/there is no run in .*metrics.jsonl is missing/);
    const file = path.join(directory, 'config.json');
    expect(await refused('train', file, '--out', out)).toMatch(/holds the results of a run.*train --resume .*changed/);
    expect(await misused('train', file, '--resume', out)).toMatch(/give neither/);
    expect(await misused('train')).toMatch(/there is no config file/);
  });
});
