import type { Clock, StoredFiles } from '@flatmin/core';
import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { disposeCheckpoint } from './checkpoint.js';
import { storedCheckpoints } from './storedCheckpoints.js';
import { timeless, tinyModel, trainTiny } from '../loop/tinyRun.fixture.js';

/** A storage that is not a file system. */
function memory(): StoredFiles & { readonly kept: Map<string, Uint8Array> } {
  const kept = new Map<string, Uint8Array>();
  return {
    place: 'memory:run',
    kept,
    names: () => Promise.resolve([...kept.keys()]),
    read: (name) => Promise.resolve(kept.get(name) as Uint8Array),
    write: (name, bytes) => Promise.resolve(void kept.set(name, bytes)),
    remove: (name) => Promise.resolve(void kept.delete(name)),
  };
}

describe('checkpoints in a storage that is not a directory', () => {
  it('are the last ones, and a run goes on from them bit for bit', async () => {
    const whole = await trainTiny({ epochs: 3 });
    const files = memory();
    const stop = new AbortController();
    const onEpoch = (): void => stop.abort();
    const checkpoints = storedCheckpoints(files, { keep: 1 });
    await trainTiny({ epochs: 3, checkpoints, signal: stop.signal, callbacks: [{ onEpoch }] });
    expect([...files.kept.keys()]).toEqual(['checkpoint-000005.flatmin']);
    const resume = await checkpoints.latest();
    const model = tinyModel();
    const rest = await trainTiny({ epochs: 3, checkpoints, resume, model });
    expect(timeless(rest)).toEqual(timeless(whole));
    expect([...files.kept.keys()]).toEqual(['checkpoint-000015.flatmin']);
    disposeCheckpoint(resume);
    model.dispose();
  });

  it('are named with their place where they cannot be used', async () => {
    const files = memory();
    await trainTiny({ epochs: 1, checkpoints: storedCheckpoints(files) });
    files.kept.set('checkpoint-000005.flatmin', new Uint8Array(3));
    await expect(storedCheckpoints(files).latest()).rejects.toThrow(
      /no checkpoint in memory:run can be used: memory:run\/checkpoint-000005.flatmin is cut off/,
    );
  });
});

describe('all checkpoints that are kept', () => {
  it('are told by their steps, the earliest first, and read one by one', async () => {
    const files = memory();
    const checkpoints = storedCheckpoints(files, { keep: 2 });
    expect(await checkpoints.steps()).toEqual([]);
    await expect(checkpoints.at(5)).rejects.toMatchObject({
      code: 'RUN_INVALID',
      message: 'there is no checkpoint of step 5 in memory:run, which keeps none. Give one of its steps.',
    });
    await trainTiny({ epochs: 3, checkpoints });
    expect(await checkpoints.steps()).toEqual([10, 15]);
    const [earlier, last, latest] = [await checkpoints.at(10), await checkpoints.at(15), await checkpoints.latest()];
    expect([earlier.run.steps, last.run.steps]).toEqual([10, 15]);
    const valuesOf = (checkpoint = last): number[][] => checkpoint.model.map(({ tensor }) => [...tensor.dataSync()]);
    expect(valuesOf(last)).toEqual(valuesOf(latest));
    expect(valuesOf(earlier)).not.toEqual(valuesOf(last));
    [earlier, last, latest].forEach(disposeCheckpoint);
    await expect(checkpoints.at(5)).rejects.toThrow(/no checkpoint of step 5 .* which keeps those of the steps 10, 15/);
    files.kept.set('checkpoint-000010.flatmin', new Uint8Array(3));
    await expect(checkpoints.at(10)).rejects.toMatchObject({ code: 'STATE_INVALID' });
    expect(tf.memory().numTensors).toBe(0);
  });
});

describe('the clock of a run', () => {
  it('is the one that was given', async () => {
    let time = 0;
    const clock: Clock = { now: () => 0, elapsed: () => (time += 1000) };
    const { seconds } = await trainTiny({ epochs: 1, clock });
    expect(Number.isInteger(seconds) && seconds > 0).toBe(true);
    expect(seconds).toBe((time - 1000) / 1000);
    expect(tf.memory().numTensors).toBe(0);
  });
});
