import { describe, expect, it, jest } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { Callbacks } from './callbacks.js';
import type { TrainOptions } from './options.js';
import { tinyModel, trainTiny } from './tinyRun.fixture.js';

/** What a run computes with, and callbacks that change it. */
interface Changing {
  readonly options?: (now: { strength: number }) => Partial<TrainOptions>;
  readonly callbacks: (now: { strength: number }) => Callbacks;
}

/** Trains eagerly and as graphs: the losses of both, with the lines that the second one says. */
async function trainBoth({ options, callbacks }: Changing) {
  const said = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
  try {
    const losses: number[][] = [];
    for (const eager of [true, false]) {
      const now = { strength: 0 };
      const model = tinyModel();
      const regularizer = (): tf.Scalar =>
        tf.tidy(() => tf.mul(now.strength, tf.addN(model.variables.map((each) => tf.sum(tf.square(each))))));
      const run = { epochs: 6, logEvery: 1000, model, regularizer, eager, callbacks: [callbacks(now)] };
      const { history } = await trainTiny({ ...run, ...options?.(now) });
      losses.push(history.map(({ loss }) => loss));
      model.dispose();
    }
    const [eager, graphs] = losses as [number[], number[]];
    return { eager, graphs, lines: said.mock.calls.map(([line]) => String(line)) };
  } finally {
    said.mockRestore();
  }
}

const isNative = (): boolean => tf.getBackend() === 'tensorflow';
const closeTo = (losses: readonly number[]): unknown => losses.map((loss) => expect.closeTo(loss, 5) as unknown);

describe('case 1: train as graphs follows what JavaScript changes', () => {
  it('case 1: a regularizer that a callback makes stronger for epochs 4 to 6', async () => {
    const { eager, graphs, lines } = await trainBoth({
      callbacks: (now) => ({ onEpoch: ({ epoch }) => void (now.strength = epoch >= 3 ? 0.05 : 0) }),
    });
    expect(graphs).toEqual(closeTo(eager));
    // The penalty is 0.05 of the squared weights, above 10 by then: it shows.
    expect(eager[3]).toBeGreaterThan((eager[2] as number) + 0.2);
    expect(lines).toEqual(
      isNative() ? [expect.stringMatching(/step 15: a number that Mul takes was 0 .*is 0\.05 now/)] : [],
    );
  });

  it('case 1: a number that a callback anneals at each step', async () => {
    const { eager, graphs } = await trainBoth({
      callbacks: (now) => ({ onStep: ({ step }) => void (now.strength = 0.1 / step) }),
    });
    expect(graphs).toEqual(closeTo(eager));
  });

  it('case 1: a number that each batch counts up, without a callback', async () => {
    const { eager, graphs } = await trainBoth({
      callbacks: () => ({}),
      options: (now) => ({
        // Asked before each step, and no part of it.
        learningRate: (step: number) => ((now.strength = 0.01 * (step % 3)), 0.05),
      }),
    });
    expect(graphs).toEqual(closeTo(eager));
  });

  it('case 1: a branch that a callback turns', async () => {
    const { eager, graphs, lines } = await trainBoth({
      callbacks: (now) => ({ onEpoch: ({ epoch }) => void (now.strength = epoch === 2 || epoch === 3 ? 1 : 0) }),
      options: (now) => {
        const model = tinyModel();
        const penalty = (): tf.Scalar =>
          tf.tidy(() => tf.mul(0.01, tf.addN(model.variables.map((each) => tf.sum(tf.abs(each))))));
        return { model, regularizer: () => (now.strength > 0 ? penalty() : tf.scalar(0)) };
      },
    });
    expect(graphs).toEqual(closeTo(eager));
    expect(lines).toEqual(isNative() ? [expect.stringMatching(/step 10: operation .*captured again/)] : []);
  });
});
