import { isFlatminError, type Problem } from '@flatmin/core';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { Callbacks, LogEvent } from './callbacks.js';
import type { TrainOptions } from './options.js';
import { memoryStore, tinyDataSet, tinyModel, tinyOptimizer, trainTiny } from './tinyRun.fixture.js';

const dataset = tinyDataSet();

let tensors = 0;
beforeEach(() => {
  tensors = tf.memory().numTensors;
});
afterEach(() => expect(tf.memory().numTensors).toBe(tensors));

describe('train', () => {
  it('learns, and counts what it cost', async () => {
    const { history, steps, gradientEvaluations, stopped, seconds } = await trainTiny({ epochs: 15 });
    expect(history.map(({ epoch }) => epoch)).toEqual(Array.from({ length: 15 }, (_, i) => i + 1));
    expect(steps).toBe(75);
    expect(gradientEvaluations).toBe(150);
    expect(stopped).toBe(false);
    expect(seconds).toBeGreaterThan(0);
    expect(history[0]?.train?.loss).toBeLessThan(Math.log(3));
    expect(history.at(-1)?.test?.accuracy).toBeGreaterThan(0.8);
    expect(history.at(-1)?.radius).toBeCloseTo(0.1, 6);
  });

  it('gives the same run as graphs and eagerly', async () => {
    const eager = await trainTiny({ eager: true });
    const graphs = await trainTiny();
    expect(graphs.history).toEqual(eager.history);
    expect(graphs.weights).toEqual(eager.weights);
  });

  it('goes on eagerly where a graph is refused, and says why in one line', async () => {
    const said = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
    try {
      // Random numbers of JavaScript's: no graph could draw others.
      const regularizer = (): tf.Scalar => tf.tidy(() => tf.mul(0.01, tf.mean(tf.randomUniform<tf.Rank.R1>([2]))));
      const { steps } = await trainTiny({ regularizer });
      expect(steps).toBe(15);
      const lines = said.mock.calls.map(([line]) => String(line));
      const isNative = tf.getBackend() === 'tensorflow';
      expect(lines).toEqual(isNative ? [expect.stringMatching(/steps run eagerly.*random numbers/)] : []);
      said.mockClear();
      await trainTiny({ regularizer, eager: true });
      expect(said).not.toHaveBeenCalled();
    } finally {
      said.mockRestore();
    }
  });

  it('repeats itself exactly at the same seed, and not at another', async () => {
    const first = await trainTiny();
    const second = await trainTiny();
    expect(second.history).toEqual(first.history);
    expect(second.weights).toEqual(first.weights);
    expect((await trainTiny({ seed: 4 })).weights).not.toEqual(first.weights);
  });

  it('has an epoch of every example once, each epoch in another order', async () => {
    const seen: number[][] = [[], [], []];
    const recording = {
      ...dataset,
      train: {
        size: dataset.train.size,
        async *batches(options: Parameters<typeof dataset.train.batches>[0]) {
          const epoch = seen.find((values) => values.length < dataset.train.size);
          for await (const batch of dataset.train.batches(options)) {
            epoch?.push(...tf.tidy(() => tf.squeeze(tf.slice(batch.x, [0, 0], [-1, 1]))).dataSync());
            yield batch;
          }
        },
      },
    };
    const before = tf.memory().numTensors;
    await trainTiny({ dataset: recording, evaluate: { parts: [] }, dryRun: false });
    tf.disposeVariables();
    expect(seen.map((values) => values.length)).toEqual([36, 36, 36]);
    expect(seen[1]).not.toEqual(seen[0]);
    expect([...(seen[1] as number[])].sort()).toEqual([...(seen[0] as number[])].sort());
    // The readings above are this test's own tensors.
    tensors += tf.memory().numTensors - before;
  });

  it('sets the rate of the schedule before each step', async () => {
    const ratesUnder = async (learningRate: TrainOptions['learningRate']): Promise<number[]> => {
      const optimizer = tinyOptimizer();
      const rates: number[] = [];
      const noteRate = { onStep: () => void rates.push(optimizer.learningRate) };
      await trainTiny({
        optimizer,
        epochs: 2,
        callbacks: [noteRate],
        ...(learningRate !== undefined && { learningRate }),
      });
      optimizer.dispose();
      return rates;
    };
    const steps = Array.from({ length: 10 }, (_, step) => step);
    expect(await ratesUnder((step) => 0.1 / (step + 1))).toEqual(steps.map((step) => 0.1 / (step + 1)));
    (await ratesUnder({ schedule: 'linear' })).forEach((rate, step) =>
      expect(rate).toBeCloseTo(0.1 * (1 - step / 10), 12),
    );
    expect(await ratesUnder(undefined)).toEqual(steps.map(() => 0.1));
  });

  it('gives the same weights however often it logs and evaluates', async () => {
    const often = await trainTiny({ logEvery: 1, evaluate: { batchSize: 1 } });
    const rarely = await trainTiny({ logEvery: 1000, evaluate: { parts: [], every: 100 } });
    expect(rarely.weights).toEqual(often.weights);
    expect(rarely.history.map(({ loss }) => loss)).toEqual(often.history.map(({ loss }) => loss));
  });

  it('evaluates every so many epochs and always at the end', async () => {
    const { history } = await trainTiny({ epochs: 5, evaluate: { parts: ['test'], every: 2 } });
    expect(history.map(({ test }) => test !== undefined)).toEqual([false, true, false, true, true]);
    expect(history.every(({ train, validation }) => train === undefined && validation === undefined)).toBe(true);
  });

  it('keeps the number of tensors constant from epoch to epoch', async () => {
    const counts: number[] = [];
    await trainTiny({ epochs: 5, callbacks: [{ onEpoch: () => void counts.push(tf.memory().numTensors) }] });
    expect(new Set(counts.slice(1)).size).toBe(1);
  });
});

describe('callbacks', () => {
  it('come in order, and the run waits for them', async () => {
    const calls: string[] = [];
    const note = (name: string) => async (): Promise<void> => {
      await new Promise((resume) => setTimeout(resume, 1));
      calls.push(name);
    };
    const first: Callbacks = {
      onStart: note('start'),
      onStep: ({ step }) => void calls.push(`step ${step}`),
      onLog: note('log'),
      onEvaluation: ({ part }) => note(part)(),
      onEpoch: note('epoch'),
      onEnd: note('end'),
    };
    const second: Callbacks = { onEpoch: note('second') };
    await trainTiny({ epochs: 1, batchSize: 18, logEvery: 1, callbacks: [first, second] });
    const steps = ['step 1', 'log', 'step 2', 'log'];
    expect(calls).toEqual(['start', ...steps, 'train', 'validation', 'test', 'epoch', 'second', 'end']);
  });

  it('log the mean loss since the last time, rho and the cost', async () => {
    const events: LogEvent[] = [];
    const losses: number[] = [];
    const optimizer = tinyOptimizer();
    const callbacks = [
      { onStep: () => void losses.push(optimizer.lastStep.loss), onLog: (event: LogEvent) => void events.push(event) },
    ];
    await trainTiny({ optimizer, epochs: 1, logEvery: 3, callbacks });
    optimizer.dispose();
    expect(events.map(({ step }) => step)).toEqual([3, 5]);
    expect(events[0]?.loss).toBeCloseTo(((losses[0] ?? 0) + (losses[1] ?? 0) + (losses[2] ?? 0)) / 3, 6);
    expect(events[1]?.loss).toBeCloseTo(((losses[3] ?? 0) + (losses[4] ?? 0)) / 2, 6);
    expect(events[1]?.gradientEvaluations).toBe(10);
    expect(events[1]?.radius).toBeCloseTo(0.1, 6);
    expect(events[1]?.secondsLeft).toBe(0);
  });

  it('that throw end the run, and the end is still announced', async () => {
    let ended = false;
    const callbacks: Callbacks[] = [
      { onEpoch: () => Promise.reject(new Error('mine')), onEnd: () => void (ended = true) },
    ];
    await expect(trainTiny({ callbacks })).rejects.toThrow('mine');
    expect(ended).toBe(true);
  });

  it('may stop the run through a signal: the history has the whole epochs', async () => {
    const stop = new AbortController();
    const callbacks: Callbacks[] = [{ onStep: ({ step }) => (step === 7 ? stop.abort() : undefined) }];
    const { stopped, steps, history } = await trainTiny({ callbacks, signal: stop.signal });
    expect({ stopped, steps, epochs: history.length }).toEqual({ stopped: true, steps: 7, epochs: 1 });
  });
});

describe('checkpoints', () => {
  it('hold the last good state: a loss that is not finite stops the run at its step, back there', async () => {
    const model = tinyModel();
    const store = memoryStore();
    const good: (readonly number[])[] = [];
    const callbacks: Callbacks[] = [
      {
        onEpoch: ({ epoch }) => {
          if (epoch === 1) good.push(...model.variables.map((variable) => [...variable.dataSync()]));
        },
      },
    ];
    // Step 8 (the third of the second epoch) sees a rate that throws the weights out of range; step 9 sees the loss.
    const learningRate = (step: number): number => (step === 7 ? 1e38 : 0.1);
    const error: unknown = await trainTiny({ model, learningRate, callbacks, checkpoints: store, epochs: 2 }).catch(
      (thrown: unknown) => thrown,
    );
    if (!isFlatminError(error)) throw error;
    expect(error.code).toBe('NON_FINITE');
    expect(error.message).toMatch(/the loss of step 9 is (NaN|Infinity)/);
    expect(error.message).toMatch(/last finite loss was [\d.]+, at step 8/);
    expect(error.message).toMatch(/back at step 5, which is also kept in memory/);
    expect(model.variables.map((variable) => [...variable.dataSync()])).toEqual(good);
    expect(store.files).toHaveLength(1);
    model.dispose();
  });

  it('are never of weights that are not finite, even where no loss has shown it', async () => {
    const learningRate = (step: number): number => (step === 9 ? 1e39 : 0.1);
    const store = memoryStore();
    const run = trainTiny({ learningRate, checkpoints: store, epochs: 2, evaluate: { parts: [], every: 9 } });
    await expect(run).rejects.toThrow(/the weights after step 10 are not finite/);
    expect(store.files).toHaveLength(1);
  });
});

describe('options', () => {
  it('are refused all at once', async () => {
    const learningRate = { schedule: 'cosine', warmup: 1 } as never;
    const error: unknown = await trainTiny({ epochs: 0, batchSize: 1.5, seed: -1, logEvery: 0, learningRate }).catch(
      (thrown: unknown) => thrown,
    );
    if (!isFlatminError(error)) throw error;
    expect(error.code).toBe('SPEC_INVALID');
    const paths = error.problems.map(({ path }: Problem) => path);
    expect(paths).toEqual(['epochs', 'batchSize', 'learningRate.warmup', 'seed', 'logEvery']);
  });
});
