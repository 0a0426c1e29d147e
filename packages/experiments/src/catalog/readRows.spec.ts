import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { noteFailure, readFailure } from '../cells/cellFolder.js';
import { textOfLine } from '../run/metricsFile.js';
import { RunLock } from '../run/runLock.js';
import type { MetricsLine } from '../run/runRecord.js';
import { findRuns } from './findRuns.js';
import { lineNumberAt, linesFromEnd } from './linesFromEnd.js';
import { readRecords } from './readRecords.js';
import { readRows } from './readRows.js';
import { config, linesOf, method, runFolder } from './runFolder.fixture.js';

let directory = '';
let said = '';
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'flatmin-'));
  said = '';
  jest.spyOn(process.stderr, 'write').mockImplementation((text) => (said += String(text)) !== '');
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(directory, { recursive: true });
});
const at = (...names: string[]): string => path.join(directory, ...names);

describe('findRuns', () => {
  it('finds run folders at any depth, the cells of a comparison too, and follows no link', () => {
    for (const name of ['b', 'a/1', 'grid/cells/sam-0123', '.hidden/x']) runFolder(at(name), config, []);
    mkdirSync(at('b', 'checkpoint-seed-0'));
    mkdirSync(at('empty'));
    symlinkSync(directory, at('a', 'again'), 'junction');
    const found = ['a/1', 'b', 'grid/cells/sam-0123'].map((name) => at(name));
    expect(findRuns([directory])).toEqual(found);
    expect(findRuns([at('b'), directory])).toEqual([at('b'), found[0], found[2]]);
    expect(() => findRuns([at('nowhere')])).toThrow(/cannot read .*nowhere: ENOENT.*Give the folder of a run/);
  });
});

describe('linesFromEnd', () => {
  it('gives the lines of any file backwards, with their places, and not what has no end', async () => {
    const file = at('lines');
    const text = fc.string({ unit: fc.constantFrom('a', 'é', '\n', '\n'), maxLength: 60 });
    // Some longer than what is read at a time.
    const long = fc.tuple(text, fc.integer({ min: 2 ** 15 - 40, max: 2 ** 15 + 40 }), text);
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          text,
          long.map(([a, n, b]) => `${a}${'x'.repeat(n)}${b}`),
        ),
        async (whole) => {
          writeFileSync(file, whole);
          const lines: string[] = [];
          for await (const piece of linesFromEnd(file)) {
            for (const { bytes, at: place } of piece) {
              lines.unshift(bytes.toString());
              expect(await lineNumberAt(file, place)).toBe(
                Buffer.from(whole).toString('latin1', 0, place).split('\n').length,
              );
            }
          }
          expect(lines).toEqual(whole.split('\n').slice(0, -1));
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('readRows', () => {
  it('tells of each seed what its last lines say', async () => {
    const folder = runFolder(
      at('run'),
      { ...config, seeds: [3, 4, 5, 6], learningRate: { schedule: 'cosine', rate: 0.2 } },
      [
        ...linesOf(3, 0.75),
        ...linesOf(4, 0.5).slice(0, 12), // to the end of its first epoch
        {
          event: 'failure',
          method,
          seed: 4,
          steps: 12,
          gradientEvaluations: 24,
          seconds: 1,
          failure: 'the loss is NaN',
        },
        ...linesOf(5, 0.5).slice(0, 15), // and three steps of the second
      ],
    );
    const rows = await readRows([folder]);
    const all = { folder, method, dataset: 'digits', model: 'mlp', batchSize: 64, learningRate: 0.2 };
    expect(rows).toMatchObject([
      {
        ...{ ...all, seed: 3, status: 'done', epochs: 2, steps: 20, gradientEvaluations: 40, seconds: 2, rho: 0.05 },
        ...{ train: { loss: 1 }, test: { accuracy: 0.75, loss: 1.25 } },
      },
      { ...all, seed: 4, status: 'diverged', reason: 'the loss is NaN', epochs: 1, steps: 12, gradientEvaluations: 24 },
      { ...all, seed: 5, status: 'interrupted', epochs: 1, steps: 13, gradientEvaluations: 26, seconds: 1.3 },
      { ...all, seed: 6, status: 'missing', epochs: 0, steps: 0 },
    ]);
    expect(rows[1]).not.toHaveProperty('test');
    expect(rows[2]?.test).toEqual({ loss: 1.75, accuracy: 0.25 });
    const lock = RunLock.take(folder);
    expect((await readRows([folder])).map(({ status }) => status)).toEqual(['done', 'diverged', 'running', 'missing']);
    lock.release();
    expect(said).toBe('');
  });

  it('gives the metrics of the weights that the run ended with: the best ones, of an epoch or within one', async () => {
    const [start, ...lines] = linesOf(0, 0.5);
    const end = lines.pop() as MetricsLine;
    const best = (step: number) => ({ ...end, best: { value: 1, epoch: 1, step, stale: 1 } });
    const ofEpoch = runFolder(at('epoch'), config, [start as MetricsLine, ...lines, best(10)]);
    const within = {
      event: 'evaluation',
      method,
      seed: 0,
      epoch: 2,
      step: 15,
      part: 'test',
      loss: 3,
      accuracy: 0.9,
    } as const;
    const ofStep = runFolder(at('step'), config, [...lines.slice(0, 16), within, ...lines.slice(16), best(15)]);
    const rows = await readRows([ofEpoch, ofStep]);
    expect(rows.map(({ test }) => test)).toEqual([
      { loss: 1.75, accuracy: 0.25 },
      { loss: 3, accuracy: 0.9 },
    ]);
    expect(rows.map(({ best: { step } = {} }) => step)).toEqual([10, 15]);
  });

  it('agrees with what all lines say, in whichever order seeds took turns', async () => {
    const folder = at('any');
    const ends = fc.record({
      accuracy: fc.double({ min: 0, max: 1, noNaN: true }),
      told: fc.integer({ min: 0, max: 24 }),
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(ends, { minLength: 1, maxLength: 4 }),
        fc.infiniteStream(fc.nat()),
        async (seeds, turns) => {
          const queues = seeds.map(({ accuracy, told }, seed) => linesOf(seed, accuracy).slice(0, told));
          const lines: MetricsLine[] = [];
          for (
            let left = queues.filter((each) => each.length > 0);
            left.length > 0;
            left = queues.filter((each) => each.length > 0)
          ) {
            lines.push(left[(turns.next().value as number) % left.length]?.shift() as MetricsLine);
          }
          runFolder(folder, { ...config, seeds: seeds.map((_, seed) => seed) }, lines);
          const [rows, records] = [await readRows([folder]), await readRecords(folder)];
          const ended = rows.filter(({ status }) => status === 'done');
          const known = [...records].sort((a, b) => a.seed - b.seed);
          expect(ended.map(({ seed, steps, test }) => [seed, steps, test])).toEqual(
            known.map(({ seed, steps, history }) => [seed, steps, history.at(-1)?.test]),
          );
        },
      ),
      { numRuns: 50 },
    );
  });

  it('knows the methods of a quickstart by their names', async () => {
    const experiments = ['SGD', 'SAM, rho 1'].flatMap((name) =>
      [0, 1].map((seed) => ({ ...config, method: name, seed, seeds: undefined })),
    );
    const lines = experiments.flatMap(({ method: of, seed }) => linesOf(seed, 0.5, of));
    const rows = await readRows([runFolder(at('quick'), { command: 'quickstart', experiments }, lines)]);
    expect(rows.map(({ method: of, seed, status }) => `${of} ${seed} ${status}`)).toEqual([
      ...['SGD 0 done', 'SGD 1 done', 'SAM, rho 1 0 done', 'SAM, rho 1 1 done'],
    ]);
  });

  it('names a damaged line by its number, leaves a torn one in peace, and never takes an older epoch for the last', async () => {
    const lines = linesOf(0, 0.5).map(textOfLine);
    const folder = runFolder(at('damaged'), config, []);
    const file = path.join(folder, 'metrics.jsonl');
    const text = [...lines.slice(0, 21), 'garbage\n', ...lines.slice(21), '{"event":"to'].join('');
    appendFileSync(file, text);
    expect(await readRows([folder])).toMatchObject([{ status: 'done', test: { accuracy: 0.5 } }]);
    expect(said).toBe('');
    writeFileSync(file, [...lines.slice(0, 22), '{"event":"epo\n', ...lines.slice(23)].join(''));
    expect(await readRows([folder])).toMatchObject([{ status: 'interrupted' }]);
    expect(said).toBe(`${file}:23 is damaged: it is left out, and the rest is used.\n`);
    expect(readFileSync(file, 'utf8')).toContain('{"event":"epo\n');
  });

  it('lists a cell that failed, with its reason, also where it failed before it was a run', async () => {
    const early = at('grid', 'cells', 'sam-0123456789abcdef');
    await noteFailure(early, 'no such file: model.json', config as never);
    const late = runFolder(at('grid', 'cells', 'sam-0123456789abcdee'), config, linesOf(0, 0.5).slice(0, 12));
    await noteFailure(late, 'the disk is full', config as never);
    const done = runFolder(at('grid', 'cells', 'sam-0123456789abcded'), config, linesOf(0, 0.5));
    await noteFailure(done, 'before it was tried again', config as never);
    mkdirSync(at('mine'));
    writeFileSync(at('mine', 'failure.json'), '{ "message": "of another program" }');
    expect(findRuns([directory])).toEqual([done, late, early]);
    const rows = await readRows([early, late, done]);
    const known = { method, seed: 0, dataset: 'digits', model: 'mlp', batchSize: 64, learningRate: 0.1 };
    expect(rows).toMatchObject([
      { ...known, folder: early, status: 'failed', reason: 'no such file: model.json', epochs: 0, steps: 0 },
      { ...known, folder: late, status: 'failed', reason: 'the disk is full', epochs: 1, steps: 10 },
      { ...known, folder: done, status: 'done', epochs: 2 },
    ]);
    expect(rows[0]?.created).toMatch(/^\d{4}-/);
    expect(await readRecords(early)).toEqual([]);
    expect(said).toBe('');
    // What failed has one config: its own file, or the one beside the reason.
    expect(readFailure(late)).not.toHaveProperty('config');
  });

  it('says which folder has a config that is none, and lists the others', async () => {
    const folders = [{}, { ...config, dataset: 'digits' }, config].map((each, i) =>
      runFolder(at(`run-${i}`), each, []),
    );
    writeFileSync(path.join(folders[0] as string, 'config.json'), '{ "epochs": ');
    expect(await readRows([...folders, at('gone')])).toMatchObject([{ folder: folders[2], status: 'missing' }]);
    expect(said).toMatch(/run-0 is left out: .*config\.json:1:13: expected .*/);
    expect(said).toMatch(/run-1 is left out: .*config\.json is not the config of a run/);
    expect(said).toMatch(/gone is left out: ENOENT/);
  });
});
