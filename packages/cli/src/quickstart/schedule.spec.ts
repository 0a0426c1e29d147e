import { describe, expect, it } from '@jest/globals';
import type { Experiment, RunRecord } from '@flatmin/experiments/internal';
import { chooseBackend } from './chooseBackend.js';
import { experimentsOf, methods, startRadius, weightOf } from './methods.js';
import { runAll } from './schedule.js';
import type { RunListener } from './workerProcess.js';

const experiments = experimentsOf(2, [0, 1]);
const silent = { onMetrics: () => {}, onProgress: () => {}, onRun: () => {} };

function recordOf({ method, seed }: Experiment): RunRecord {
  const numbers = { steps: 1, gradientEvaluations: 1, seconds: 1 };
  return { method, seed, history: [], radii: [], radiiEvery: 1, learnsRadius: false, stopped: false, ...numbers };
}

/** Takes a turn of the event loop for each gradient evaluation of a step. */
function fakeWorker(log: string[] = []) {
  return {
    run: async (experiment: Experiment, listener: RunListener): Promise<RunRecord> => {
      log.push(`${experiment.method}/${experiment.seed}`);
      for (let i = 0; i < weightOf(experiment); i++) await new Promise((resume) => setTimeout(resume, 1));
      listener.onProgress(0.5);
      return recordOf(experiment);
    },
  };
}

describe('runAll', () => {
  it('does each experiment once, on all workers, and gives the results in their order', async () => {
    const logs: [string[], string[]] = [[], []];
    const runs = await runAll(experiments, logs.map(fakeWorker), silent);
    const names = experiments.map(({ method, seed }) => `${method}/${seed}`);
    expect(runs.map(({ method, seed }) => `${method}/${seed}`)).toEqual(names);
    expect(logs.flat().sort()).toEqual([...names].sort());
    expect(Math.min(...logs.map(({ length }) => length))).toBeGreaterThan(0);
  });

  it('starts with the heaviest', async () => {
    const log: string[] = [];
    await runAll(experiments, [fakeWorker(log)], silent);
    expect(log.slice(0, 2)).toEqual(['LETS-SAM, paper/0', 'LETS-SAM, paper/1']);
    expect(log.at(-1)).toBe('SGD/1');
  });

  it('reports a share that only grows, up to 1', async () => {
    const shares: number[] = [];
    let finished = 0;
    const events = {
      ...silent,
      onProgress: (share: number) => shares.push(share),
      onRun: (_: RunRecord, n: number) => (finished = n),
    };
    await runAll(experiments, [fakeWorker(), fakeWorker()], events);
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(shares.at(-1)).toBeCloseTo(1, 12);
    expect(finished).toBe(experiments.length);
  });

  it('fails as a whole when a run fails', async () => {
    const broken = { run: () => Promise.reject(new Error('out of memory')) };
    await expect(runAll(experiments, [broken], silent)).rejects.toThrow('out of memory');
  });
});

describe('chooseBackend', () => {
  const worker = (fails: readonly string[] = []) => ({
    load: async (name: string) => {
      if (fails.includes(name)) throw new Error('no');
      return { backend: name === 'auto' ? 'cpu' : name, version: '1' };
    },
  });

  it('is the one asked for, else the best that loads', async () => {
    expect(await chooseBackend([worker()], 'tensorflow')).toMatchObject({ backend: 'tensorflow', why: 'asked for' });
    expect(await chooseBackend([worker(), worker()], undefined)).toMatchObject({ backend: 'cpu' });
  });

  it('fails where the one asked for does', async () => {
    await expect(chooseBackend([worker(['tensorflow'])], 'tensorflow')).rejects.toThrow('no');
  });
});

describe('experimentsOf', () => {
  it('gives every method the same data, model and schedule at a seed', () => {
    const settings = experiments.filter(({ seed }) => seed === 1).map(({ method: _m, optimizer: _o, ...rest }) => rest);
    expect(settings).toHaveLength(methods.length);
    for (const setting of settings) expect(setting).toEqual(settings[0]);
  });

  it('starts both forms of LETS at the small radius', () => {
    const starts = methods.flatMap(({ optimizer }) => (optimizer.use === 'lets' ? [optimizer['inner']] : []));
    expect(starts).toHaveLength(2);
    for (const inner of starts) expect(inner).toMatchObject({ use: 'sam', rho: startRadius });
  });
});
