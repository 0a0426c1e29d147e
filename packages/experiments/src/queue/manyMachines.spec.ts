import { afterAll, afterEach, beforeAll, expect, it } from '@jest/globals';
import { RandomStream } from '@flatmin/core';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { describeWithRedis, RedisServer } from './redisServer.fixture.js';

// The commands as a user has them: built, and in processes, some of which are killed.
const bin = path.join(__dirname, '../../../flatmin/bin/flatmin.js');
const directory = mkdtempSync(path.join(tmpdir(), 'flatmin-'));
const redis = new RedisServer();
const running = new Set<Command>();

beforeAll(() => redis.start());
afterEach(() => running.forEach((command) => command.child.kill('SIGKILL')));
afterAll(async () => {
  await redis.remove();
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
});

interface Command {
  readonly child: ChildProcess;
  readonly ended: Promise<unknown>;
  readonly said: () => string;
}

function start(...args: readonly string[]): Command {
  const env = { ...process.env, FLATMIN_REDIS_PASSWORD: redis.password, TMPDIR: directory };
  const child = spawn(process.execPath, [bin, ...args], { cwd: directory, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const command = { child, ended: once(child, 'exit').then(([code]) => code as unknown), said: () => said };
  running.add(command);
  void command.ended.then(() => running.delete(command));
  return command;
}

/** Waits until the Redis has the checkpoint of a run. */
async function firstSnapshot(): Promise<void> {
  const client = new Redis(redis.url, { password: redis.password });
  const isKept = async (): Promise<boolean> => {
    const runs = await client.keys('flatmin:files:*');
    const names = await Promise.all(runs.map((run) => client.hkeys(run)));
    return names.flat().some((name) => name.startsWith('contents-'));
  };
  while (!(await isKept())) await sleep(20);
  client.disconnect();
}

const startWorker = (...args: readonly string[]): Command =>
  start('worker', redis.url, '--jobs', '1', '--lost-after', '2', ...args);

async function until(condition: () => boolean, command: Command): Promise<void> {
  while (!condition()) {
    if (command.child.exitCode !== null) throw new Error(`it ended: ${command.said()}`);
    await sleep(50);
  }
}

function configFile(name: string, changes: object = {}): string {
  const momentum = { use: 'momentum', learningRate: 0.05, momentum: 0.9 };
  const config = {
    dataset: { use: 'digits' },
    model: { use: 'mlp', hidden: [24] },
    methods: { SGD: momentum, SAM: { use: 'sam', rho: 0.05, base: momentum } },
    epochs: 3,
    batchSize: 32,
    seeds: [1, 2, 3],
    backend: 'cpu',
    checkpointEvery: 4,
    ...changes,
  };
  writeFileSync(path.join(directory, name), JSON.stringify(config));
  return name;
}

const times = new Set(['seconds', 'secondsElapsed', 'peakMemory']);

/** All lines of metrics of all runs, without times and memory, by the name and id of their cells. */
function metricsOf(out: string): Readonly<Record<string, readonly unknown[]>> {
  const cells = path.join(directory, out, 'cells');
  const withoutTimes = (key: string, value: unknown): unknown => (times.has(key) ? undefined : value);
  const linesOf = (name: string): readonly unknown[] =>
    readFileSync(path.join(cells, name, 'metrics.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line, withoutTimes) as unknown);
  return Object.fromEntries(readdirSync(cells).map((name) => [name, linesOf(name)]));
}

/** Where the password stands in the files of a folder. */
const filesWithPassword = (out: string): readonly string[] =>
  readdirSync(path.join(directory, out), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file).includes(redis.password));

/** The command lines and variables of what a process has started, where the system shows them. */
function shownOfChildren({ child: { pid } }: Command): string {
  const list = `/proc/${pid}/task/${pid}/children`;
  if (!existsSync(list)) return '';
  const children = readFileSync(list, 'utf8').trim().split(' ').filter(Boolean);
  const read = (file: string): string => (existsSync(file) ? readFileSync(file, 'utf8') : '');
  return children.map((each) => read(`/proc/${each}/cmdline`) + read(`/proc/${each}/environ`)).join('');
}

describeWithRedis('flatmin compare on many machines', () => {
  it('gives the numbers of one machine, though workers, the Redis and itself are killed meanwhile', async () => {
    const config = configFile('grid.json');
    const local = start('compare', config, '--out', 'local', '--jobs', '1');
    const compareArgs = ['compare', config, '--out', 'queued', '--queue', redis.url];
    let compare = start(...compareArgs);
    const workers = [startWorker(), startWorker(), startWorker()];
    const logs = [...workers];
    const said = (): string => logs.map((worker) => worker.said()).join('');
    await until(() => said().includes(': begins'), compare);
    expect(workers.map(shownOfChildren).join('')).not.toContain(redis.password);
    // Whoever runs what was kept first is in the middle of it.
    await firstSnapshot();
    for (const { child } of workers) child.kill('SIGKILL');
    for (const [place, { ended }] of workers.entries()) {
      expect(await ended).toBe(null);
      logs.push((workers[place] = startWorker()));
    }
    const uniform = new RandomStream(11).generator();
    for (const what of ['worker', 'compare', 'worker, asked to end', 'Redis', 'worker', 'worker']) {
      await sleep(200 + 1500 * uniform());
      if (what === 'compare') {
        compare.child.kill('SIGINT');
        expect({ code: await compare.ended, said: compare.said() }).toMatchObject({
          code: 130,
          said: expect.stringMatching(/stay in the queue.*flatmin queue cancel/) as unknown,
        });
        compare = start(...compareArgs);
      } else if (what === 'Redis') {
        await redis.kill();
        await sleep(500);
        await redis.start();
      } else {
        const place = Math.floor(3 * uniform());
        const victim = workers[place] as Command;
        await until(() => victim.said().includes(' takes runs '), victim);
        victim.child.kill(what === 'worker' ? 'SIGKILL' : 'SIGTERM');
        expect(await victim.ended).toBe(what === 'worker' ? null : 143);
        logs.push((workers[place] = startWorker()));
      }
    }
    expect({ code: await compare.ended, said: compare.said() }).toMatchObject({ code: 0 });
    expect({ code: await local.ended, said: local.said() }).toMatchObject({ code: 0 });
    expect(metricsOf('queued')).toEqual(metricsOf('local'));
    expect(Object.keys(metricsOf('queued'))).toHaveLength(6);
    // The test met what it is about.
    expect(said()).toMatch(/continues where it was/);
    expect(said()).toMatch(/does not answer: waiting until it is back[^]*is back/);
    expect(filesWithPassword('queued')).toEqual([]);
    expect(said() + compare.said()).not.toContain(redis.password);
    await expectCancel(workers);
  });
});

/** What is canceled ends, on the machine that runs it too. */
async function expectCancel(workers: readonly Command[]): Promise<void> {
  const config = configFile('long.json', {
    seeds: [1, 2],
    epochs: 100_000,
    methods: { Long: { use: 'sgd', learningRate: 0.01 } },
  });
  const compare = start('compare', config, '--out', 'canceled', '--queue', redis.url);
  const said = (): string => workers.map((worker) => worker.said()).join('');
  const both = (what: string): boolean => [1, 2].every((seed) => said().includes(`Long · seed ${seed}: ${what}`));
  await until(() => both('begins'), compare);
  const cancel = start('queue', 'cancel', redis.url);
  expect({ code: await cancel.ended, said: cancel.said() }).toMatchObject({ code: 0 });
  expect(cancel.said()).toMatch(/^2 runs were removed from the queue/);
  expect({ code: await compare.ended, said: compare.said() }).toMatchObject({ code: 0 });
  expect(compare.said()).toMatch(/missing: it was removed from the queue/);
  while (!both('no longer belongs to this worker')) await sleep(100);
  const status = start('queue', 'status', redis.url, '--json');
  await status.ended;
  expect(JSON.parse(status.said())).toMatchObject({ waiting: 0, refused: [], running: [], done: 0, failed: [] });
}
