import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createWriteStream, statSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { chartsOf } from '../report/charts.js';
import { logarithmicTicks } from '../report/logarithmicTicks.js';
import { compared } from '../statistics/comparison.js';
import { estimateOf } from '../statistics/estimate.js';
import { config } from '../statistics/results.fixture.js';
import { runsAsGrid } from '../statistics/runsAsGrid.js';
import { keepLines, readMetrics, textOfLine } from './metricsFile.js';
import { recorder } from './recorder.js';
import { ResultsDirectory } from './resultsDirectory.js';
import { type MetricsLine, mostPoints, RunRecordBuilder, Thinned } from './runRecord.js';
import { SeedProgress } from './seedProgress.js';

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'flatmin-'));
});
afterAll(() => rm(directory, { recursive: true }));

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
function used(): number {
  const { heapUsed, arrayBuffers, external } = process.memoryUsage();
  return (heapUsed + arrayBuffers + external) / 2 ** 20;
}

/** Megabytes that live. Twice: the first collection frees what the second has to sweep. */
function heap(): number {
  collect();
  collect();
  return used();
}
const steps = 250_000;
const method = 'sam';
const scheduleAt = (step: number): number => 0.01 + step * 1e-6;

/** As a long run logs each of its steps: a line of some 190 bytes, 47 MB in all. */
async function longRun(file: string): Promise<void> {
  const out = createWriteStream(file);
  const write = async (text: string): Promise<void> => void (out.write(text) || (await once(out, 'drain')));
  const lastStep = {
    loss: 1.25,
    radius: 0.01,
    perturbationNorm: 0.0123456789,
    gradientNorm: 1.23456789,
    pad: 'x'.repeat(20),
  };
  for (let step = 1; step <= steps; step++) {
    await write(textOfLine({ event: 'step', method, seed: 0, step, radius: scheduleAt(step), lastStep }));
  }
  const figures = { epoch: 1, step: steps, learningRate: 0.1, loss: NaN, gradientEvaluations: 2 * steps };
  await write(textOfLine({ event: 'epoch', method, seed: 0, ...figures, test: { loss: 1, accuracy: 0.75 } }));
  await write(
    textOfLine({ event: 'end', method, seed: 0, steps, gradientEvaluations: 2 * steps, seconds: 9, stopped: false }),
  );
  out.end('{"event":"torn');
  await once(out, 'close');
}

describe('case 27: metrics of a long run', () => {
  it('are read, cut back and summarized within a few megabytes, however long the file is', async () => {
    const file = path.join(directory, 'metrics.jsonl');
    await longRun(file);
    const whole = statSync(file).size - '{"event":"torn'.length;
    expect(whole).toBeGreaterThan(45e6);
    // A piece of the file as lines, and the points of a plot. All lines as objects are 250 MB.
    const bound = 24;
    const before = heap();
    let [count, most] = [0, 0];
    const look = (): void => {
      // What lives is no more than what is used. Collecting takes long in a process of many tests.
      if (++count % 10_000 === 0 && used() - before > bound) most = Math.max(most, heap() - before);
    };
    const told = new SeedProgress();
    const read = await readMetrics(file, (line) => {
      told.add(line);
      look();
    });
    expect(count).toBe(steps + 2);
    expect(read).toEqual({ whole, torn: true, damaged: [] });
    await keepLines(file, ({ event }) => {
      look();
      return event !== 'end';
    });
    expect(most).toBeLessThan(bound);
    expect(statSync(file).size).toBeLessThan(whole);

    const run = told.ended;
    if (run === undefined) throw new Error('the run has ended');
    expect(run.radii.length).toBeLessThanOrEqual(mostPoints + 1);
    expect(run.radii.at(-1)).toEqual({ step: steps, radius: scheduleAt(steps) });
    expect(run.radii[1]?.step).toBe(1 + run.radiiEvery);
    expect(run.history[0]?.loss).toBeNaN();
    const results = runsAsGrid([run], config, [0]);
    const [row] = compared(results).tasks[0]?.rows ?? [];
    expect(row).toMatchObject({ result: { count: 1, mean: 0.75 }, radius: { mean: scheduleAt(steps) } });
    expect(chartsOf(results).map(({ id }) => id)).toContain('radius');
  });

  it('no call gets an argument for each of a long list', () => {
    const many = Array.from({ length: 300_000 }, (_, i) => 1 + i);
    expect(estimateOf(many)).toMatchObject({ mean: 150_000.5, least: 1, greatest: 300_000 });
    expect(logarithmicTicks(many).at(-1)).toBe(200_000);
  });

  it('a line without end is not gathered', async () => {
    const file = path.join(directory, 'endless.jsonl');
    await writeFile(file, Buffer.alloc(2 ** 25, 'x'));
    await expect(readMetrics(file, () => undefined)).rejects.toThrow(
      /endless\.jsonl has a line of more than 16 MiB \(x+\.\.\.\), which flatmin did not write/,
    );
    expect((await readFile(file)).length).toBe(2 ** 25);
  });
});

describe('a damaged line', () => {
  const start = { event: 'start', method, seed: 0, step: 0, settings: { epochs: 2 } } as const;
  const epoch = (number: number) =>
    ({ event: 'epoch', method, seed: 0, epoch: number, step: 5 * number, test: { loss: number } }) as const;
  const end = {
    event: 'end',
    method,
    seed: 0,
    steps: 10,
    gradientEvaluations: 20,
    seconds: 1,
    stopped: false,
  } as const;
  const whole = [start, epoch(1), epoch(2), end].map(textOfLine);
  const damages = ['{"event":"step","me', 'null', '{"event":"step","method":"sam","seed":0}', '\u0000\u0000', ''];

  /** A run folder whose file has these lines, and what it tells, with what was said of it. */
  async function told(lines: readonly string[]) {
    const folder = await mkdtemp(path.join(directory, 'run-'));
    await writeFile(path.join(folder, 'metrics.jsonl'), lines.join(''));
    let said = '';
    const spy = jest.spyOn(process.stderr, 'write').mockImplementation((text) => (said += String(text)) !== '');
    const results = ResultsDirectory.resume(folder);
    try {
      return { seed: (await results.progress()).get(0), said, folder, results };
    } finally {
      spy.mockRestore();
      await results.close();
    }
  }
  const damagedAt = (line: number): string[] => whole.map((text, i) => (i === line ? '{"ev\n' : text));

  it('is named with file and number, once, and the rest is used', async () => {
    for (const damage of damages) {
      const { seed, said, folder } = await told([...whole.slice(0, 2), `${damage}\n`, ...whole.slice(2)]);
      expect(seed?.ended?.history).toHaveLength(2);
      expect(said).toBe(`${path.join(folder, 'metrics.jsonl')}:3 is damaged: it is left out, and the rest is used.\n`);
    }
    const { said } = await told([...whole, ...Array.from({ length: 9 }, () => 'x\n')]);
    expect(said).toMatch(/:5 is damaged, and so are lines 6, 7, 8, 9, 4 more: they are left out/);
  });

  it('that was an epoch, or the end, leaves the seed to its checkpoint; in no case an older epoch is the last', async () => {
    for (const line of [1, 2, 3]) expect((await told(damagedAt(line))).seed?.ended).toBeUndefined();
  });

  it('that said with what the seed is trained is refused: the config may be another one by now', async () => {
    await expect(told(damagedAt(0))).rejects.toThrow(
      /metrics\.jsonl:1 is damaged, and no line says how seed 0 was trained/,
    );
    // Of a version that did not write such lines, where nothing is damaged.
    expect((await told(whole.slice(1))).seed?.ended).toBeDefined();
  });

  it('stays in the file, and a torn last one goes', async () => {
    const { folder, results } = await told([...damagedAt(2), '{"event":"to']);
    const file = path.join(folder, 'metrics.jsonl');
    expect(await readFile(file, 'utf8')).toBe(damagedAt(2).join(''));
    await results.goBack(0, 5);
    expect(await readFile(file, 'utf8')).toBe(damagedAt(2).slice(0, 3).join(''));
  });

  it('that was an epoch is told again by the checkpoint, in its place', () => {
    const past = new RunRecordBuilder();
    past.add(epoch(2));
    const written: MetricsLine[] = [];
    const record = recorder({ method, seed: 0 }, (line) => written.push(line), past, [epoch(1), epoch(2)] as never);
    void record.callbacks.onStart?.({ totalSteps: 10, stepsPerEpoch: 5, epochs: 2 });
    expect(written.map((line) => line['epoch'])).toEqual([1]);
    expect(past.finish(end).history.map((each) => each.epoch)).toEqual([1, 2]);
  });

  it('that judged the best weights leaves them unjudged: the last ones are others', () => {
    const past = new RunRecordBuilder();
    [epoch(1), epoch(2)].forEach((line) => past.add(line));
    const run = past.finish({ ...end, best: { value: 1, epoch: 1, step: 3, stale: 1 } });
    const [row] = compared(runsAsGrid([run], config, [0])).tasks[0]?.rows ?? [];
    expect(row?.leftOut).toMatchObject([{ reason: 'was not evaluated on the test part' }]);
  });
});

describe('Thinned', () => {
  it('keeps all up to its bound, then every second, every fourth, ...; and the last', () => {
    const all = (count: number): Thinned<number> => {
      const thinned = new Thinned<number>();
      for (let i = 0; i < count; i++) thinned.add(i);
      return thinned;
    };
    expect(all(0).values).toEqual([]);
    expect(all(mostPoints - 1)).toMatchObject({ every: 1, values: { length: mostPoints - 1 } });
    const some = all(3 * mostPoints);
    expect(some.every).toBe(4);
    expect(some.values.slice(0, 3)).toEqual([0, 4, 8]);
    expect(some.values.at(-1)).toBe(3 * mostPoints - 1);
    expect(new Set(some.values).size).toBe(some.values.length);
    expect(some.values.length).toBeLessThanOrEqual(mostPoints + 1);
  });
});
