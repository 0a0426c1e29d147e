import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { disposeCheckpoint, type Checkpoint } from '../checkpoint.js';
import { checkpointDirectory, readCheckpoint } from './checkpointDirectory.js';

let directory = '';
let tensors = 0;
let checkpoint: Checkpoint;
const fileOf = (): string => path.join(directory, 'checkpoint.flatmin');

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'flatmin-'));
  tensors = tf.memory().numTensors;
  checkpoint = {
    epoch: 2,
    steps: 30,
    seed: 7,
    model: [
      {
        name: 'mlp/kernel',
        tensor: tf.tensor2d([
          [1.5, -2],
          [1e-30, Math.fround(1 / 3)],
        ]),
      },
      { name: 'flag', tensor: tf.tensor1d([true, false, true], 'bool') },
    ],
    optimizer: [
      { name: 'count', tensor: tf.scalar(5, 'int32') },
      { name: 'empty', tensor: tf.zeros([0, 3]) },
      { name: 'cast', tensor: tf.tidy(() => tf.cast(tf.tensor1d([1, -2], 'int32'), 'float32')) },
    ],
  };
});
afterEach(async () => {
  disposeCheckpoint(checkpoint);
  await rm(directory, { recursive: true });
  expect(tf.memory().numTensors).toBe(tensors);
});

function plain({ model, optimizer, ...position }: Checkpoint) {
  const values = [...model, ...optimizer].map(({ name, tensor }) => {
    return { name, dtype: tensor.dtype, shape: tensor.shape, values: [...tensor.dataSync()] };
  });
  return { ...position, values };
}

describe('checkpointDirectory', () => {
  it('gives back the same bits, types and position', async () => {
    await checkpointDirectory(path.join(directory, 'made/when/needed')).save(checkpoint);
    const read = await readCheckpoint(path.join(directory, 'made/when/needed'));
    expect(plain(read)).toEqual(plain(checkpoint));
    expect(read.model).toHaveLength(2);
    disposeCheckpoint(read);
  });

  it('replaces the last one and leaves no other file', async () => {
    const store = checkpointDirectory(directory);
    await store.save(checkpoint);
    await store.save({ ...checkpoint, epoch: 3 });
    expect(await readdir(directory)).toEqual(['checkpoint.flatmin']);
    const read = await readCheckpoint(directory);
    expect(read.epoch).toBe(3);
    disposeCheckpoint(read);
  });

  it('refuses a file cut off anywhere', async () => {
    await checkpointDirectory(directory).save(checkpoint);
    const whole = await readFile(fileOf());
    for (const length of [0, 5, 15, 16, 40, whole.length - 20, whole.length - 1]) {
      await writeFile(fileOf(), whole.subarray(0, length));
      await expect(readCheckpoint(directory)).rejects.toThrow(/is cut off: it has \d+ bytes of at least \d+/);
    }
  });

  it('refuses a file with any one bit changed', async () => {
    await checkpointDirectory(directory).save(checkpoint);
    const whole = await readFile(fileOf());
    for (let position = 0; position < whole.length; position += 7) {
      const changed = Buffer.from(whole);
      changed[position] = (changed[position] as number) ^ 4;
      await writeFile(fileOf(), changed);
      await expect(readCheckpoint(directory)).rejects.toMatchObject({ code: 'STATE_INVALID' });
    }
  });

  it('refuses more bytes than it wrote, and a directory without a checkpoint', async () => {
    await checkpointDirectory(directory).save(checkpoint);
    await writeFile(fileOf(), Buffer.concat([await readFile(fileOf()), Buffer.from([0])]));
    await expect(readCheckpoint(directory)).rejects.toThrow(/bytes follow its end/);
    await expect(readCheckpoint(path.join(directory, 'none'))).rejects.toThrow(/no checkpoint can be read/);
  });

  it('keeps the old file when the new one cannot be written', async () => {
    const store = checkpointDirectory(directory);
    await store.save(checkpoint);
    const broken = { ...checkpoint, model: [{ name: 'text', tensor: tf.tensor1d(['a']) }] };
    await expect(store.save(broken)).rejects.toThrow(/cannot hold text, which is of type string/);
    disposeCheckpoint({ ...broken, optimizer: [] });
    disposeCheckpoint(await readCheckpoint(directory));
    expect(await readdir(directory)).toEqual(['checkpoint.flatmin']);
  });
});
