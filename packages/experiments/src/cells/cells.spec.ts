import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { officialContainer } from 'flatmin/node';
import { checkConfig } from '../config/checkConfig.js';
import { textOfLine } from '../run/metricsFile.js';
import { RunLock } from '../run/runLock.js';
import { settingsOf } from '../run/sameSettings.js';
import { folderName, foldersById, forgetFailure, noteFailure, outcomeIn } from './cellFolder.js';
import { canonical, cellId } from './identity.js';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'flatmin-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const container = officialContainer();
const base = { use: 'momentum', learningRate: 0.1, momentum: 0.9 };
const value = {
  dataset: { use: 'digits' },
  model: { use: 'mlp', hidden: [4] },
  optimizer: { use: 'sam', rho: 0.1, base },
  epochs: 2,
  batchSize: 32,
  seed: 3,
};
const configOf = (change: object = {}) => checkConfig({ ...value, ...change }, 'c.json', container);
const context = { version: '1.0.0', backend: 'cpu', threads: 1 };
const idOf = (change: object = {}, data = 'd', more: object = {}) => {
  const config = configOf(change);
  return cellId({ config, seed: config.seed ?? 0 }, data, { ...context, ...more }, container);
};

describe('the id of a cell', () => {
  it('is the same for another name, and for names in another order', async () => {
    const id = await idOf();
    expect(id).toMatch(/^[0-9a-f]{16}$/);
    expect(await idOf({ name: 'SAM, rho 0.1' })).toBe(id);
    expect(
      await idOf({ optimizer: { base: { momentum: 0.9, learningRate: 0.1, use: 'momentum' }, rho: 0.1, use: 'sam' } }),
    ).toBe(id);
    expect(await idOf({ keepCheckpoints: 9, tensorBoard: true })).toBe(id);
  });

  it('is another for whatever decides the numbers', async () => {
    const ids = [
      idOf(),
      idOf({ seed: 4 }),
      idOf({ epochs: 3 }),
      idOf({ optimizer: { ...value.optimizer, rho: 0.2 } }),
      idOf({ model: { use: 'mlp', hidden: [5] } }),
      idOf({ evaluate: { parts: ['test'] } }),
      idOf({}, 'other data'),
      idOf({}, 'd', { version: '1.0.1' }),
      idOf({}, 'd', { backend: 'wasm' }),
      idOf({}, 'd', { threads: 2 }),
    ];
    expect(new Set(await Promise.all(ids)).size).toBe(ids.length);
  });

  it('is another for a model whose file has changed, wherever the file is', async () => {
    const at = (name: string, content: string): string => {
      const file = path.join(directory, name);
      writeFileSync(file, content);
      return file;
    };
    const of = (file: string) => idOf({ model: { use: 'layers', path: file } });
    const [a, b, c] = [at('a.json', '{}'), at('b.json', '{}'), at('c.json', '{ }')];
    expect(await of(a)).toBe(await of(b));
    expect(await of(a)).not.toBe(await of(c));
  });

  it('does not depend on the order of names, and on all else', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
        const turned = Object.fromEntries(Object.entries(object).reverse());
        expect(canonical(turned)).toBe(canonical(object));
        expect(JSON.parse(canonical(object))).toEqual(JSON.parse(JSON.stringify(object)));
      }),
    );
  });
});

describe('the folder of a cell', () => {
  it('is named for people, and found by its id, whatever its name', () => {
    const id = '0123456789abcdef';
    const name = folderName({ task: 'label noise 0.2', row: 'SAM, rho 0.05 / größe', seed: 1 }, id);
    expect(name).toBe(`label-noise-0.2-SAM-rho-0.05-gro-e-seed-1-${id}`);
    expect(folderName({ task: '', row: '..', seed: 0 }, id)).toBe(`seed-0-${id}`);
    expect(folderName({ task: '', row: 'x'.repeat(300), seed: 0 }, id).length).toBeLessThan(100);
    mkdirSync(path.join(directory, name));
    mkdirSync(path.join(directory, 'other'));
    expect(foldersById(directory)).toEqual(new Map([[id, path.join(directory, name)]]));
    expect(foldersById(path.join(directory, 'nowhere')).size).toBe(0);
  });

  const folder = () => path.join(directory, 'cell');
  const config = configOf();
  const outcome = () => outcomeIn(folder(), config, 'cpu');
  const start = { event: 'start', method: 'sam', seed: 3, step: 0, settings: settingsOf(config, 'cpu') } as const;
  const end = {
    event: 'end',
    method: 'sam',
    seed: 3,
    steps: 8,
    gradientEvaluations: 16,
    seconds: 1,
    stopped: false,
  } as const;
  const epochs = [1, 2].map((epoch) => ({ event: 'epoch', method: 'sam', seed: 3, epoch, step: 4 * epoch }) as const);
  function write(...lines: Parameters<typeof textOfLine>[0][]): void {
    mkdirSync(folder(), { recursive: true });
    writeFileSync(path.join(folder(), 'config.json'), '{}');
    writeFileSync(path.join(folder(), 'metrics.jsonl'), lines.map(textOfLine).join(''));
  }

  it('tells how it stands: missing, interrupted, running, failed, done, diverged', async () => {
    expect(await outcome()).toEqual({ status: 'missing' });
    write();
    expect(await outcome()).toMatchObject({ status: 'missing' });
    write(start);
    expect(await outcome()).toEqual({ status: 'interrupted', folder: folder() });
    write(start, { ...end, stopped: true });
    expect(await outcome()).toMatchObject({ status: 'interrupted' });
    const lock = RunLock.take(folder());
    expect(await outcome()).toMatchObject({ status: 'running' });
    lock.release();
    await noteFailure(folder(), 'the disk is full', config);
    expect(await outcome()).toMatchObject({ status: 'failed', reason: 'the disk is full' });
    await forgetFailure(folder());
    expect(await outcome()).toMatchObject({ status: 'interrupted' });
    write(start, ...epochs, end);
    expect(await outcome()).toMatchObject({ status: 'done', record: { steps: 8, gradientEvaluations: 16 } });
    write(start, { ...end, event: 'failure', failure: 'loss is NaN at step 8' });
    expect(await outcome()).toMatchObject({ status: 'diverged', reason: 'loss is NaN at step 8' });
  });

  it('leaves a last line alone that its process is writing', async () => {
    write(start);
    const file = path.join(folder(), 'metrics.jsonl');
    const { appendFileSync, readFileSync } = await import('node:fs');
    appendFileSync(file, '{"event":"st');
    const before = readFileSync(file, 'utf8');
    expect(await outcome()).toMatchObject({ status: 'interrupted' });
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  it('is refused where it was trained with another config than its name says', async () => {
    write({ ...start, settings: { ...start.settings, epochs: 7 } }, end);
    await expect(outcome()).rejects.toMatchObject({
      code: 'STATE_MISMATCH',
      message: expect.stringContaining('epochs: 7 there, 2 here') as unknown,
    });
  });
});
