import { isFlatminError, type Problem } from '@flatmin/core';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { disposeCheckpoint } from '../checkpoint/checkpoint.js';
import { decodeCheckpoint } from '../checkpoint/checkpointFormat.js';
import type { EarlyStoppingOptions } from '../settings/earlyStopping.js';
import { EarlyStopping } from './earlyStopping.js';
import { memoryStore, timeless, tinyModel, trainTiny } from './tinyRun.fixture.js';

let tensors = 0;
beforeEach(() => {
  tensors = tf.memory().numTensors;
});
afterEach(() => expect(tf.memory().numTensors).toBe(tensors));

/** The step of the best value and whether the run is over, after each of some values of a metric. */
function watch(options: EarlyStoppingOptions, values: readonly number[]): [number | undefined, boolean][] {
  const model = tinyModel();
  const watching = new EarlyStopping(model, options);
  try {
    return values.map((value, i): [number | undefined, boolean] => {
      watching.judge({ validation: { loss: value, accuracy: value } }, { epoch: 1, step: i });
      return [watching.best?.step, watching.isOver];
    });
  } finally {
    watching.dispose();
    model.dispose();
  }
}

describe('EarlyStopping', () => {
  it('waits for `patience` evaluations in a row that bring nothing better', () => {
    expect(watch({ patience: 2 }, [3, 2, 2, 1, 5, 1])).toEqual([
      [0, false],
      [1, false],
      [1, false],
      [3, false],
      [3, false],
      [3, true],
    ]);
  });

  it('takes more for better where the metric is an accuracy, or where it is told so', () => {
    expect(watch({ metric: 'validation.accuracy' }, [0.1, 0.3, 0.2]).map(([step]) => step)).toEqual([0, 1, 1]);
    expect(watch({ metric: 'validation.accuracy', mode: 'min' }, [3, 4, 2]).map(([step]) => step)).toEqual([0, 0, 2]);
    expect(watch({ mode: 'max' }, [3, 4, 2]).map(([step]) => step)).toEqual([0, 1, 1]);
  });

  it('asks for more than minDelta, and takes no NaN for better', () => {
    // 1 - 0.75 is exactly minDelta, which is not more.
    expect(watch({ minDelta: 0.25 }, [1, 0.75, 0.5, NaN]).map(([step]) => step)).toEqual([0, 0, 2, 2]);
    expect(watch({}, [NaN, 5]).map(([step]) => step)).toEqual([0, 1]);
  });

  it('names the metrics there are', () => {
    expect(() => watch({ metric: 'validation.bleu' }, [1])).toThrow(
      /metric is "validation.bleu".*Use one of validation.loss, validation.accuracy/,
    );
  });
});

describe('early stopping of a run', () => {
  // A rate that grows makes the loss rise after some steps.
  const options = {
    epochs: 6,
    learningRate: (step: number) => (step < 6 ? 0.1 : 3),
    evaluate: { everySteps: 2 },
    earlyStopping: { patience: 3 },
    checkpointEvery: 1,
  } as const;

  it('stops, and gives the model its best weights back', async () => {
    const losses = new Map<number, number>();
    const weights = new Map<number, (readonly number[])[]>();
    const model = tinyModel();
    const note = {
      onEvaluation: ({ part, loss, step }: { part: string; loss: number; step: number }) => {
        if (part !== 'validation') return;
        losses.set(step, loss);
        weights.set(
          step,
          model.variables.map((variable) => [...variable.dataSync()]),
        );
      },
    };
    const result = await trainTiny({ ...options, model, callbacks: [note] });
    model.dispose();
    expect(result).toMatchObject({ stopped: false, stoppedEarly: true, best: { stale: 3 } });
    const [step, value] = [...losses].reduce((best, each) => (each[1] < best[1] ? each : best));
    expect(result.best).toMatchObject({ step, value });
    expect([...losses.keys()].filter((each) => each > step)).toHaveLength(3);
    expect(result.steps).toBeGreaterThan(step);
    expect(result.weights).toEqual(weights.get(step));
  });

  it('keeps the last weights where it is told so', async () => {
    const best = await trainTiny(options);
    const last = await trainTiny({ ...options, earlyStopping: { patience: 3, restoreBest: false } });
    expect(last.best).toEqual(best.best);
    expect(last.weights).not.toEqual(best.weights);
  });

  it('resumes bit for bit from every step, also after its end', async () => {
    const store = memoryStore();
    const whole = timeless(await trainTiny({ ...options, checkpoints: store }));
    for (const bytes of store.files) {
      const resume = decodeCheckpoint(bytes, 'memory');
      const rest = timeless(await trainTiny({ ...options, resume }));
      disposeCheckpoint(resume);
      expect(rest).toEqual(whole);
    }
  });

  it('refuses what it cannot watch', async () => {
    const problemsOf = async (earlyStopping: EarlyStoppingOptions, parts?: ['test']): Promise<string[]> => {
      const run = trainTiny({ earlyStopping, ...(parts && { evaluate: { parts } }) });
      const error: unknown = await run.catch((thrown: unknown) => thrown);
      if (!isFlatminError(error)) throw error;
      return error.problems.map(({ path, message }: Problem) => `${path} ${message}`);
    };
    expect(await problemsOf({ metric: 'test.loss' })).toEqual([
      expect.stringMatching(/^earlyStopping.metric .*nothing is chosen on the test part/),
    ]);
    expect(await problemsOf({ patience: 0 })).toEqual([expect.stringMatching(/^earlyStopping.patience/)]);
    expect(await problemsOf({}, ['test'])).toEqual([
      expect.stringMatching(/validation part, which evaluate.parts leaves out/),
    ]);
  });
});
