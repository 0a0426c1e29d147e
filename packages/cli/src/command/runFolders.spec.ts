import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { start, WarmCommand } from '../terminal/command.fixture.js';
import type { Outcome } from '../terminal/warmNode.fixture.js';

const repository = path.join(__dirname, '../../../..');
let directory = '';
const command = new WarmCommand();
const flatmin = (...args: string[]): Promise<Outcome> => command.run(args, directory);
const begin = (...args: string[]) => start(args, { cwd: directory });

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'flatmin-'));
});
afterAll(async () => {
  command.end();
  await rm(directory, { recursive: true });
});

const base = { use: 'momentum', learningRate: 0.05, momentum: 0.9 };
const config = {
  dataset: { use: 'digits' },
  model: { use: 'mlp', hidden: [4] },
  optimizer: { use: 'sam', rho: 0.05, base },
  epochs: 1,
  batchSize: 64,
  seeds: [0],
  backend: 'cpu',
  dryRun: false,
  evaluate: { parts: ['test'] },
};

async function save(name: string, content: object): Promise<string> {
  await writeFile(path.join(directory, name), JSON.stringify(content));
  return name;
}
const textOf = (...names: string[]): Promise<string> => readFile(path.join(directory, ...names), 'utf8');
const eventsOf = async (out: string): Promise<string[]> =>
  (await textOf(out, 'metrics.jsonl'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { event: string; seed: number })
    .filter(({ event }) => event !== 'step')
    .map(({ event, seed }) => `${event} ${seed}`);

/** Waits until there is something; a child that ends before that fails. */
async function until(what: () => boolean, child?: { readonly exitCode: number | null }): Promise<void> {
  while (!what()) {
    if (child !== undefined && child.exitCode !== null) throw new Error('it ended before that');
    await sleep(20);
  }
}

describe('case 12: a folder is one run', () => {
  it('two runs of one second have a folder each', async () => {
    const file = await save('same.json', config);
    const both = await Promise.all([begin('train', file).ended, begin('train', file).ended]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    const folders = both.map(({ out }) => /^Results: (.*)$/m.exec(out)?.[1] as string);
    expect(new Set(folders).size).toBe(2);
    for (const folder of folders) expect(await eventsOf(folder)).toEqual(['start 0', 'epoch 0', 'end 0']);
  });

  it('--resume refuses another config than a finished seed had, with both values, and takes more seeds', async () => {
    const out = 'finished';
    expect(await flatmin('train', await save('first.json', config), '--out', out)).toMatchObject({ code: 0 });
    const written = JSON.parse(await textOf(out, 'config.json')) as typeof config;
    const change = (more: object): Promise<string> => save(`${out}/config.json`, { ...written, ...more });
    const before = await textOf(out, 'metrics.jsonl');

    await change({ seeds: [0, 1], optimizer: { ...config.optimizer, rho: 3 }, epochs: 4 });
    const refused = await flatmin('train', '--resume', out);
    expect(refused.code).toBe(1);
    expect(refused.err).toMatch(
      /seed 0 in finished was trained with another config:\n {2}- optimizer\.rho: 0\.05 there, 3 here\n {2}- epochs: 1 there, 4 here\n/,
    );
    expect(refused.out).toBe('');
    expect(await textOf(out, 'metrics.jsonl')).toBe(before);
    await change({});
    expect((await flatmin('train', '--resume', out, '--eager')).err).toMatch(/- eager: false there, true here/);

    // Which seeds, and how often something is written, is in no number.
    await change({ seeds: [0, 1], logEvery: 7, keepCheckpoints: 1 });
    const more = await flatmin('train', '--resume', out);
    expect(more).toMatchObject({ code: 0 });
    expect(more.out).toMatch(/^sam\(momentum\) +0\.\d+ ± 0\.\d+ +0\.05/m);
    expect(await eventsOf(out)).toEqual(['start 0', 'epoch 0', 'end 0', 'start 1', 'epoch 1', 'end 1']);

    // More of both, in one call that writes its config.
    await change({});
    const set = ['--set', 'epochs=2', '--set', 'seeds=[0,1,2]'];
    expect((await flatmin('train', '--resume', out, ...set)).err).toMatch(/Add --extend for more epochs and seeds/);
    const refusedSet = await flatmin('train', '--resume', out, '--extend', '--set', 'optimizer.rho=1');
    expect(refusedSet.err).toMatch(
      /--extend gives a run more epochs and seeds, and with another optimizer\.rho it would be another run/,
    );
    const extended = await flatmin('train', '--resume', out, '--extend', ...set);
    expect({ ...extended, out: '' }).toMatchObject({ code: 0 });
    expect(JSON.parse(await textOf(out, 'config.json'))).toEqual({ ...written, epochs: 2, seeds: [0, 1, 2] });
    expect(await eventsOf(out)).toEqual([
      ...['start 0', 'epoch 0', 'start 1', 'epoch 1'],
      ...['start 0', 'epoch 0', 'end 0', 'start 1', 'epoch 1', 'end 1'],
      ...['start 2', 'epoch 2', 'epoch 2', 'end 2'],
    ]);
    await change({ epochs: 2, seeds: [0, 1, 2] });

    // A folder of a version that did not tell the settings still goes on; a method that is another one is refused.
    const old = (await textOf(out, 'metrics.jsonl')).replaceAll(/^\{"event":"start".*\n/gm, '');
    await writeFile(path.join(directory, out, 'metrics.jsonl'), old);
    expect((await flatmin('train', '--resume', out)).out).toMatch(/^sam\(momentum\) +0\.\d+ ± 0\.\d+ +0\.05/m);
    await change({ epochs: 2, optimizer: { use: 'asam', rho: 0.5, base } });
    expect((await flatmin('train', '--resume', out)).err).toMatch(/trained by sam\(momentum\).*asam\(momentum\)/);
  });
});

describe('case 16: a seed that diverges', () => {
  it('is told at the top, is in no average, and ends neither the others nor a run that goes on', async () => {
    // As if seed 1 alone blew up: its own learning rate cannot be given, so a plugin makes its loss infinite.
    const model = `
      import * as tf from '@tensorflow/tfjs-core';
      const options = { '~standard': { version: 1, vendor: 'acme', validate: (value) => ({ value }) } };
      let made = 0;
      export default { kind: 'model', id: 'fragile', apiVersion: 1, options, create: (_, { inputShape, classes, random }) => {
        const number = made++; // 0 is that of the check before the run
        const kernel = tf.tidy(() => tf.variable(random.normal([inputShape[0], classes])));
        return {
          description: 'fragile', variables: [kernel],
          apply: (x) => tf.mul(tf.matMul(x, kernel), number === 2 ? Infinity : 1),
          dispose: () => kernel.dispose(),
        };
      } };`;
    const modules = path.join(directory, 'node_modules');
    await mkdir(modules, { recursive: true });
    await import('node:fs/promises').then(({ symlink }) =>
      symlink(path.join(repository, 'node_modules/@tensorflow'), path.join(modules, '@tensorflow'), 'junction'),
    );
    await writeFile(path.join(directory, 'fragile.mjs'), model);
    const file = await save('fragile.json', {
      ...config,
      plugins: ['./fragile.mjs'],
      model: { use: 'fragile' },
      seeds: [0, 1, 2],
    });
    const { code, out, err } = await flatmin('train', file, '--out', 'fragile');
    expect({ code, err }).toMatchObject({ code: 1 });
    const why =
      /^sam\(momentum\), seed 1, is left out of the averages: it diverged: training stopped: the loss of step 1 is NaN\./m;
    expect(out).toMatch(why);
    expect(out.search(why)).toBeLessThan(out.indexOf('method '));
    expect(out).toMatch(/^sam\(momentum\) \(2 of 3 runs\) +0\.\d+ ± 0\.\d+ +0\.05/m);
    expect(out).not.toMatch(/^sam.*NaN.*±/m);
    expect(err).toMatch(/of 3 seeds 1 diverged: 1\./);
    const html = await textOf('fragile', 'report.html');
    expect(html.indexOf('seed 1, is left out of the averages')).toBeGreaterThan(0);
    expect(html.indexOf('seed 1, is left out of the averages')).toBeLessThan(html.indexOf('<table>'));
    expect(await eventsOf('fragile')).toEqual([
      ...['start 0', 'epoch 0', 'end 0'],
      ...['start 1', 'failure 1'],
      ...['start 2', 'epoch 2', 'end 2'],
    ]);
    const told = await textOf('fragile', 'metrics.jsonl');
    const again = await flatmin('train', '--resume', 'fragile', '--trust');
    expect(again.code).toBe(1);
    expect(again.err).toMatch(/seed 1 diverged before, and is not run again/);
    expect(again.out).toMatch(why);
    expect(await textOf('fragile', 'metrics.jsonl')).toBe(told);
  });
});

describe('case 18: a start that fails', () => {
  it('leaves no folder, so that the corrected config may have it', async () => {
    const images = { ...config, model: { use: 'resnet' } };
    const failed = await flatmin('train', await save('bad.json', images), '--out', 'corrected');
    expect(failed).toMatchObject({ code: 1, out: '' });
    expect(existsSync(path.join(directory, 'corrected'))).toBe(false);
    // A folder of the user's stays, with what is in it.
    await mkdir(path.join(directory, 'own'));
    await writeFile(path.join(directory, 'own/notes.txt'), 'mine');
    expect(await flatmin('train', 'bad.json', '--out', 'own')).toMatchObject({ code: 1 });
    expect(await readdir(path.join(directory, 'own'))).toEqual(['notes.txt']);
    const good = await save('good.json', config);
    for (const out of ['corrected', 'own'])
      expect(await flatmin('train', good, '--out', out)).toMatchObject({ code: 0 });
  });

  it('of quickstart says what is wrong before it announces anything', async () => {
    const { code, out, err } = await flatmin('quickstart', '--backend', 'gpu');
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('--backend <name> takes auto, tensorflow, wasm or cpu, not "gpu".');
    const env = { ...process.env, FLATMIN_BACKEND: 'gpu' };
    const forced = await start(['quickstart', '--workers', '1'], { cwd: directory, env }).ended;
    expect({ code: forced.code, out: forced.out }).toEqual({ code: 1, out: '' });
    expect(forced.err).toMatch(/^flatmin: .*gpu/);
    expect(forced.err).not.toMatch(/^\s+at /m);
  });

  it('goes on past a damaged line of metrics, which it names by file and number, and cuts off a torn last one', async () => {
    const file = await save('two.json', { ...config, seeds: [0] });
    expect(await flatmin('train', file, '--out', 'damaged')).toMatchObject({ code: 0 });
    const metrics = path.join(directory, 'damaged/metrics.jsonl');
    const lines = (await readFile(metrics, 'utf8')).split('\n');
    await writeFile(metrics, `${lines.join('\n')}{"event":"st`);
    expect(await flatmin('train', '--resume', 'damaged')).toMatchObject({ code: 0 });
    expect(await readFile(metrics, 'utf8')).toBe(lines.join('\n'));
    // The end: the seed goes on from its checkpoint, which was its last.
    await writeFile(metrics, [...lines.slice(0, -2), '{"event":"en', ''].join('\n'));
    const { code, out, err } = await flatmin('train', '--resume', 'damaged');
    expect({ code, out }).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^sam\(momentum\) +0\.\d+/m) as unknown,
    });
    const at = lines.length - 1;
    expect(err).toMatch(
      new RegExp(`^damaged/metrics\\.jsonl:${at} is damaged: it is left out, and the rest is used\\.$`, 'm'),
    );
    const after = (await readFile(metrics, 'utf8')).split('\n');
    expect(after.slice(0, at)).toEqual([...lines.slice(0, -2), '{"event":"en']);
    expect(after.slice(at).map((line) => line.slice(0, 14))).toEqual(['{"event":"end"', '']);
  });
});

describe('case 28: files of the user, and runs of other processes', () => {
  it.each([
    ['config.json', '{ "mine": true }'],
    ['metrics.jsonl', 'mine\n'],
    ['report.html', 'mine'],
  ])('a folder with a %s is refused, and the file is as it was', async (name, content) => {
    const folder = path.join(directory, `with-${name}`);
    await mkdir(folder);
    await writeFile(path.join(folder, name), content);
    await save(`with-${name}/run.json`, config);
    const { code, err } = await flatmin('train', `with-${name}/run.json`, '--out', `with-${name}`);
    expect(code).toBe(1);
    expect(err).toMatch(new RegExp(`with-${name} holds ${name}, which a run would replace\\. Give another --out`));
    expect(await readFile(path.join(folder, name), 'utf8')).toBe(content);
    expect(await readdir(folder)).toEqual([name, 'run.json'].sort());
  });

  it('of two runs into one folder at once, and of two that go on with one, one is refused', async () => {
    const file = await save('busy.json', { ...config, epochs: 10_000 });
    const out = path.join(directory, 'busy');
    const both = [begin('train', file, '--out', 'busy'), begin('train', file, '--out', 'busy')];
    const loser = await Promise.race(both.map(({ ended }) => ended));
    expect(loser).toMatchObject({
      code: 1,
      err: expect.stringMatching(/busy (is in use by process \d+|holds the results)/) as unknown,
    });
    const winner = both.find(({ child }) => child.exitCode === null);
    await until(() => existsSync(path.join(out, 'checkpoint-seed-0')), winner?.child);
    const second = await flatmin('train', '--resume', 'busy');
    expect(second.err).toMatch(new RegExp(`busy is in use by process ${winner?.child.pid} on .*, since \\d{4}-`));
    winner?.child.kill('SIGKILL');
    await winner?.ended;
    // The lock of the dead process is taken over, by one of two.
    const next = [begin('train', '--resume', 'busy'), begin('train', '--resume', 'busy')];
    expect(await Promise.race(next.map(({ ended }) => ended))).toMatchObject({ code: 1 });
    const last = next.find(({ child }) => child.exitCode === null);
    expect(last).toBeDefined();
    last?.child.kill('SIGTERM');
    expect(await last?.ended).toMatchObject({ code: 143 });
    expect((await readdir(out)).filter((name) => name.startsWith('run.lock'))).toEqual([]);
  });
});

describe('case 33: signals', () => {
  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)(
    '%s saves a checkpoint and ends with %d',
    async (signal, expected) => {
      const out = `at-${signal}`;
      const file = await save('endless.json', { ...config, epochs: 10_000 });
      const { child, ended } = begin('train', file, '--out', out);
      await until(() => existsSync(path.join(directory, out, 'checkpoint-seed-0')), child);
      child.kill(signal);
      const { code, err } = await ended;
      expect(code).toBe(expected);
      expect(err).toContain(`Continue with: flatmin train --resume ${out}`);
      const lines = (await textOf(out, 'metrics.jsonl')).trim().split('\n');
      const { steps, stopped } = JSON.parse(lines.at(-1) as string) as { steps: number; stopped: boolean };
      expect(stopped).toBe(true);
      const saved = await readdir(path.join(directory, out, 'checkpoint-seed-0'));
      expect(saved).toContain(`checkpoint-${String(steps).padStart(6, '0')}.flatmin`);
      expect((await readdir(path.join(directory, out))).sort()).toEqual([
        'checkpoint-seed-0',
        'config.json',
        'metrics.jsonl',
        'report.html',
      ]);
    },
    120_000,
  );

  it('of the whole group (Ctrl-C) end quickstart and its processes, with the results so far', async () => {
    const args = ['quickstart', '--epochs', '3', '--workers', '2', '--out', 'quick'];
    const { child, text, ended } = start(args, { cwd: directory, detached: true });
    // A line of a run that has ended.
    await until(() => text.err.includes('[1/18]'), child);
    process.kill(-(child.pid as number), 'SIGTERM');
    // It has ended when nobody holds the pipes any more: the workers are gone, too.
    const { code, signal, out, err } = await ended;
    expect({ code, signal, err }).toMatchObject({ code: 143, signal: null });
    expect(err).toContain('Interrupted: these are the results so far. The same command continues.');
    expect(out).toMatch(/^method +test accuracy/m);
    expect(existsSync(path.join(directory, 'quick/report.html'))).toBe(true);
  });
});
