import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import type { Job, Worker } from 'bullmq';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { config, linesOf, runFolder } from '../catalog/runFolder.fixture.js';
import type { PlannedComparison } from '../compare/planComparison.js';
import type { CellEvents, PlacedCell, RunCellsOptions } from '../compare/runCells.js';
import { textOfLine } from '../run/metricsFile.js';
import { QueueLink, whatARestartLoses } from './queueLink.js';
import { cancel, drain, statusOf, takersKey } from './queueState.js';
import { redisAddress } from './redisAddress.js';
import { describeWithRedis, RedisServer } from './redisServer.fixture.js';
import { cellOfJob, type RunJob } from './runJob.js';
import { folderStorage, redisStorage, type RunStorage } from './runStorage.js';
import { throughQueue } from './runThroughQueue.js';
import { serveQueue } from './serveQueue.js';
import { restoreSnapshot, Snapshots } from './snapshot.js';

const redis = new RedisServer();
const address = () => redisAddress(redis.url, { FLATMIN_REDIS_PASSWORD: redis.password });
let root = '';
let link: QueueLink;
let storage: RunStorage;
let workers: Worker<RunJob>[] = [];
let said: string[] = [];

beforeAll(() => redis.start());
beforeEach(async () => {
  root = mkdtempSync(path.join(tmpdir(), 'flatmin-'));
  said = [];
  link = await QueueLink.open(address(), (line) => said.push(line));
  storage = redisStorage(link.client, link.place);
});
afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.close()));
  workers = [];
  await link.client.flushall();
  await link.close();
  rmSync(root, { recursive: true });
});
afterAll(() => redis.remove());

const planned = {
  distribution: { version: '1.0.0', plugins: '' },
  backend: { name: 'cpu' },
  threads: 1,
  requests: [],
  refused: [],
  container: { plugins: () => [] },
} as unknown as PlannedComparison;

/** The cells of a comparison: only what becomes of them is of interest. */
function cellsIn(out: string, count = 3): PlacedCell[] {
  return Array.from({ length: count }, (_, i) => {
    const id = String(i).padStart(16, '0');
    const cell = { task: '', row: 'SAM', method: 'SAM', seed: 0, config: { ...config, seed: 0 } };
    const folder = path.join(root, out, 'cells', `SAM-seed-0-${id}`);
    return { cell, data: 'data', stepsPerEpoch: 10, gradientEvaluations: 40, id, folder } as unknown as PlacedCell;
  });
}

/** What the events of a call tell, line by line. */
function heard(): { readonly events: CellEvents; readonly lines: string[] } {
  const lines: string[] = [];
  const tell = (what: string) => (cell: PlacedCell) => void lines.push(`${Number(cell.id)} ${what}`);
  const events: CellEvents = {
    onStart: tell('start'),
    onProgress: tell('progress'),
    onEnd: (cell, { status, reason }) =>
      void lines.push([String(Number(cell.id)), status, reason].filter(Boolean).join(' ')),
    onLine: (_, line) => void lines.push(line),
    onWait: () => undefined,
  };
  return { events, lines };
}

async function run(out: string, cells = cellsIn(out), signal = new AbortController().signal, folder?: string) {
  const { events, lines } = heard();
  const options = { address: address(), storage: folder, say: (line: string) => void said.push(line), lookEvery: 300 };
  const runner = throughQueue(planned, path.join(root, out), options);
  await runner(cells, { signal } as unknown as RunCellsOptions, events);
  return lines.filter((line) => !line.endsWith('start')).sort();
}

/** Does what a worker does, without training. */
async function work(into = storage, does: (job: Job<RunJob>) => void = () => undefined): Promise<string[]> {
  const runs: string[] = [];
  const worker = link.worker(
    async (job) => {
      runs.push(job.id as string);
      does(job);
      const cell = cellOfJob(job.id) as string;
      const folder = runFolder(path.join(root, `worker-${cell}`), { ofWorker: true }, linesOf(0, 0.75));
      await (await Snapshots.open(into, cell)).keep(folder);
    },
    { lockDuration: 2000 },
  );
  workers.push(worker);
  await worker.waitUntilReady();
  return runs;
}

const keys = async (): Promise<string[]> =>
  (await link.client.keys('flatmin:*')).filter((key) => /cell|files|taker/.test(key));

describeWithRedis('a queue of runs in a Redis', () => {
  it('is refused where nobody answers, or who asks is not let in, without the password', async () => {
    const open = (url: string, password: string) =>
      QueueLink.open(redisAddress(url, { FLATMIN_REDIS_PASSWORD: password }), () => undefined);
    await expect(open('redis://127.0.0.1:1', 'hidden')).rejects.toMatchObject({
      code: 'RUN_INVALID',
      message: expect.stringMatching(/^Redis at redis:\/\/127.0.0.1:1 cannot be used: .*ECONNREFUSED/) as unknown,
    });
    const error: unknown = await open(redis.url, 'hidden').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ message: expect.stringMatching(/WRONGPASS.*correct the address/) as unknown });
    expect(JSON.stringify([error, (error as Error).stack, (error as Error).cause])).not.toContain('hidden');
  });

  it('tells what a restart of the Redis would lose, where that can be known', async () => {
    expect(await whatARestartLoses(link)).toBeUndefined();
    await link.client.config('SET', 'appendonly', 'no');
    expect(await whatARestartLoses(link)).toMatch(
      /keeps no append-only file: its restart loses the queue\. Start it with/,
    );
    await link.client.config('SET', 'save', '60 1');
    expect(await whatARestartLoses(link)).toMatch(/its restart loses what happened since it last saved/);
    await link.client.config('SET', 'save', '');
    await link.client.config('SET', 'appendonly', 'yes');
    await link.client.acl('SETUSER', 'limited', 'on', '>hidden', '~*', '&*', '+@all', '-config');
    const limited = await QueueLink.open({ ...address(), username: 'limited', password: 'hidden' }, () => undefined);
    expect(await whatARestartLoses(limited)).toBeUndefined();
    await limited.close();
  });

  it.each(['redis', 'folder'])('holds the files of runs, in a %s', async (kind) => {
    const tested = kind === 'redis' ? storage : folderStorage(path.join(root, 'shared'));
    const value = Uint8Array.from([0, 255, 13, 10, 128]).subarray(1);
    expect(await tested.names('a')).toEqual([]);
    expect(await tested.read('a', 'one')).toBeUndefined();
    for (const name of ['one', 'two', 'three']) await tested.write('a', name, value);
    await tested.write('b', 'one', new Uint8Array());
    expect([...((await tested.read('a', 'one')) ?? [])]).toEqual([255, 13, 10, 128]);
    expect((await tested.read('b', 'one'))?.length).toBe(0);
    await tested.remove('a', []);
    await tested.remove('a', ['two', 'four']);
    expect([...(await tested.names('a'))].sort()).toEqual(['one', 'three']);
    await tested.removeAll('a');
    expect([await tested.names('a'), await tested.names('b')]).toEqual([[], ['one']]);
  });

  it('takes at most 1 MiB at a time into the Redis, and 256 MiB of a run', () => {
    expect(storage).toMatchObject({ mostOfPiece: 1024 ** 2, mostOfRun: 256 * 1024 ** 2 });
  });

  it('has each run done once and taken once, by two calls at once too, and keeps nothing of it', async () => {
    const calls = [run('out'), run('out'), run('another')];
    const last = cellsIn('out')[2]?.id as string;
    while ((await link.client.scard(takersKey(last))) < 2) await new Promise((resolve) => setTimeout(resolve, 20));
    const runs = await work();
    expect(await Promise.all(calls)).toEqual(Array(3).fill(['0 done', '1 done', '2 done']));
    expect(runs.sort()).toEqual(cellsIn('out').map(({ id }) => `cell-${id}`));
    const [cell] = cellsIn('out');
    const read = (name: string): string => readFileSync(path.join(cell?.folder as string, name), 'utf8');
    expect(read('metrics.jsonl')).toBe(linesOf(0, 0.75).map(textOfLine).join(''));
    expect(JSON.parse(read('config.json'))).toEqual(cell?.cell.config);
    expect(await keys()).toEqual([]);
  });

  it('keeps the runs of a call that was interrupted, and gives the next one what came of them', async () => {
    const interruption = new AbortController();
    const interrupted = run('out', cellsIn('out'), interruption.signal);
    while ((await statusOf(link)).waiting < 3) await new Promise((resolve) => setTimeout(resolve, 20));
    interruption.abort();
    expect(await interrupted).toEqual([]);
    await work();
    while ((await statusOf(link)).done < 3) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await run('out')).toEqual(['0 done', '1 done', '2 done']);
  });

  it('goes on with a run that has begun here, and does not lose it', async () => {
    const cells = cellsIn('out', 1);
    const begun = linesOf(0, 0.75).slice(0, 12);
    runFolder(cells[0]?.folder as string, config, begun);
    let there = '';
    const worker = link.worker(
      async (job) => {
        const folder = path.join(root, 'restored');
        expect(await restoreSnapshot(storage, cellOfJob(job.id) as string, folder)).toBe(true);
        there = readFileSync(path.join(folder, 'metrics.jsonl'), 'utf8');
        throw new Error('no more');
      },
      { lockDuration: 2000 },
    );
    workers.push(worker);
    expect(await run('out', cells)).toEqual(['0 failed no more']);
    expect(there).toBe(begun.map(textOfLine).join(''));
    expect(existsSync(path.join(cells[0]?.folder as string, 'metrics.jsonl'))).toBe(true);
  });

  it('tells why a run failed, also where its results are not where they should be', async () => {
    await work(folderStorage(path.join(root, 'elsewhere')), (job) => {
      if (job.id?.endsWith('1')) throw new Error('out of memory');
    });
    expect(await run('out', cellsIn('out', 2))).toEqual([
      `0 failed its results are not in ${link.place}, although a worker reported that it had ended`,
      '1 failed out of memory',
    ]);
    expect(await keys()).toEqual([]);
    await Promise.all(workers.splice(0).map((worker) => worker.close()));
    await work();
    expect(await run('out', cellsIn('out', 2))).toEqual(['0 done', '1 done']);
  });

  it.each([
    ['drained', drain],
    ['canceled', cancel],
  ])('that is %s does not fill again', async (_, remove) => {
    const lines = run('out');
    while ((await statusOf(link)).waiting < 3) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await remove(link, storage)).toBe(3);
    const reason = 'missing it was removed from the queue';
    expect(await lines).toEqual([`0 ${reason}`, `1 ${reason}`, `2 ${reason}`]);
    expect(await keys()).toEqual([]);
    // And takes others after that.
    await work();
    expect(await run('out')).toEqual(['0 done', '1 done', '2 done']);
  });

  it('ends for a run that every worker refuses, with their reasons, after a few looks', async () => {
    const interruption = new AbortController();
    const { signal } = interruption;
    const distribution = { version: '2.0.0', plugins: '' };
    const own = { address: address(), jobs: 1, threads: 1, requests: [], say: () => undefined, lostAfter: 3 };
    const serving = serveQueue({ ...own, distribution, signal });
    const worker = /\S+~\d+/;
    const [line, end, ...others] = (await run('out', cellsIn('out', 1))).sort().reverse();
    expect(line).toMatch(/ does not take it: it is for flatmin 1\.0\.0, and this is 2\.0\.0$/);
    expect(line).toMatch(worker);
    expect(end).toMatch(/^0 failed no worker takes it: \S+~\d+: it is for flatmin 1\.0\.0, and this is 2\.0\.0$/);
    expect(others).toEqual([]);
    interruption.abort();
    await serving;
  });
});
