import { isFlatminError } from '@flatmin/core';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { Callbacks } from './callbacks.js';
import { disposeCheckpoint, restoreCheckpoint } from '../checkpoint/checkpoint.js';
import { decodeCheckpoint } from '../checkpoint/checkpointFormat.js';
import type { TrainOptions } from './options.js';
import { memoryStore, timeless, tinyModel, tinyOptimizer, type Trained, trainTiny } from './tinyRun.fixture.js';

let tensors = 0;
beforeEach(() => {
  tensors = tf.memory().numTensors;
});
afterEach(() => expect(tf.memory().numTensors).toBe(tensors));

/** The events of a run, times left out. */
type Seen = readonly [name: string, event: object];
function witness(): { readonly events: Seen[]; readonly callbacks: readonly Callbacks[] } {
  const events: Seen[] = [];
  const note =
    (name: string) =>
    (event: object): void =>
      void events.push([name, { ...event, secondsElapsed: 0, secondsLeft: 0 }]);
  const callbacks = [
    { onStep: note('step'), onLog: note('log'), onEvaluation: note('evaluation'), onEpoch: note('epoch') },
  ];
  return { events, callbacks };
}

async function resumeFrom(bytes: Uint8Array, options: Partial<TrainOptions>): Promise<Trained> {
  const resume = decodeCheckpoint(bytes, 'memory');
  try {
    return await trainTiny({ ...options, resume });
  } finally {
    disposeCheckpoint(resume);
  }
}

const everything = {
  learningRate: { schedule: 'cosine' },
  epochs: 3,
  checkpointEvery: 1,
  logEvery: 3,
  evaluate: { everySteps: 4, batchSize: 5 },
} as const;

describe('resume', () => {
  it.each([
    ['as graphs, where there are some', false],
    ['eagerly', true],
  ])('from any step gives the bits, the history and the events of the whole run, %s', async (_, eager) => {
    const store = memoryStore();
    const seen = witness();
    const whole = await trainTiny({ ...everything, eager, checkpoints: store, callbacks: seen.callbacks });
    expect(store.files).toHaveLength(15);
    for (const from of [1, 2, 3, 5, 8, 10, 14, 15]) {
      const rest = witness();
      const again = memoryStore();
      const options = { ...everything, eager, checkpoints: again, callbacks: rest.callbacks };
      const resumed = await resumeFrom(store.files[from - 1] as Uint8Array, options);
      expect(timeless(resumed)).toEqual(timeless(whole));
      const after = seen.events.findIndex(([, event]) => (event as { step: number }).step > from);
      expect(rest.events).toEqual(after < 0 ? [] : seen.events.slice(after));
      expect(again.files).toHaveLength(15 - from);
    }
  });

  it('goes on where a signal stopped the run', async () => {
    const whole = await trainTiny(everything);
    const stop = new AbortController();
    const store = memoryStore();
    const callbacks: Callbacks[] = [{ onStep: ({ step }) => (step === 7 ? stop.abort() : undefined) }];
    const options = { ...everything, checkpointEvery: undefined };
    const cut = await trainTiny({ ...options, checkpoints: store, callbacks, signal: stop.signal });
    expect({ steps: cut.steps, stopped: cut.stopped, saved: store.files.length }).toEqual({
      steps: 7,
      stopped: true,
      saved: 2,
    });
    expect(timeless(await resumeFrom(store.files[1] as Uint8Array, options))).toEqual(timeless(whole));
  });

  it('sets positions of the caller again', async () => {
    const store = memoryStore();
    const counting = (): { positions: { heldOut: { position: number } }; callbacks: Callbacks[] } => {
      const heldOut = { position: 0 };
      return { positions: { heldOut }, callbacks: [{ onStep: () => void (heldOut.position += 2) }] };
    };
    const first = counting();
    await trainTiny({ ...everything, ...first, checkpoints: store });
    const second = counting();
    await resumeFrom(store.files[6] as Uint8Array, { ...everything, ...second });
    expect(first.positions.heldOut.position).toBe(30);
    expect(second.positions.heldOut.position).toBe(30);
  });

  it('counts the seconds of before', async () => {
    const store = memoryStore();
    await trainTiny({ checkpoints: store });
    const last = decodeCheckpoint(store.files[2] as Uint8Array, 'memory');
    const run = { ...last.run, seconds: 1000 };
    expect((await trainTiny({ resume: { ...last, run } })).seconds).toBeGreaterThan(1000);
    disposeCheckpoint(last);
  });

  it('refuses a checkpoint of another run, naming all that differs', async () => {
    const store = memoryStore();
    await trainTiny({ checkpoints: store, identity: { config: 'mine' } });
    const optimizer = tinyOptimizer({ use: 'sam', rho: 0.2, base: { use: 'sgd', learningRate: 0.1 } });
    const options = { optimizer, seed: 4, batchSize: 9, identity: { config: 'other' } };
    const error: unknown = await resumeFrom(store.files[0] as Uint8Array, options).catch((thrown: unknown) => thrown);
    optimizer.dispose();
    if (!isFlatminError(error)) throw error;
    expect(error.code).toBe('STATE_MISMATCH');
    expect(error.message).toMatch(/batchSize: 8 there, 9 here/);
    expect(error.message).toMatch(/seed: 3 there, 4 here/);
    expect(error.message).toMatch(/optimizer: .*"rho":0.1.* there, .*"rho":0.2/);
    expect(error.message).toMatch(/config: mine there, other here/);
    expect(error.message).not.toMatch(/epochs/);
  });

  it('of another model is refused by shape, before anything changes', async () => {
    const [model, optimizer] = [tinyModel(), tinyOptimizer()];
    const before = model.variables.map((variable) => [...variable.dataSync()]);
    const resume = { run: {} as never, model: [{ name: 'w', tensor: tf.zeros([2]) }], optimizer: [], best: [] };
    await expect(restoreCheckpoint(resume, model, optimizer)).rejects.toThrow(/another model.*\[2\].*\[2, 8\]/s);
    expect(model.variables.map((variable) => [...variable.dataSync()])).toEqual(before);
    disposeCheckpoint(resume);
    model.dispose();
    optimizer.dispose();
  });

  it('says where a checkpoint could not be saved, and which is the last', async () => {
    const full = { ...memoryStore(), save: () => Promise.reject(new Error('ENOSPC: no space left on device')) };
    await expect(trainTiny({ checkpoints: full })).rejects.toThrow(
      /checkpoint of step 5 was not saved in memory: ENOSPC.*There is none before it.*then resume/,
    );
  });
});
