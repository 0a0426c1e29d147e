import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import * as fc from 'fast-check';
import { type Checkpoint, disposeCheckpoint, type NamedTensor } from './checkpoint.js';
import { checkpointPieces, decodeCheckpoint, decodeCheckpointStream, encodeCheckpoint } from './checkpointFormat.js';
import { crc32 } from './crc32.js';
import { fromExactJson, toExactJson } from './exactJson.js';
import type { RunState } from './runState.js';

let tensors = 0;
beforeEach(() => {
  tensors = tf.memory().numTensors;
});
afterEach(() => expect(tf.memory().numTensors).toBe(tensors));

/** The bits of each tensor: NaN and -0 count. */
function plain({ run, ...groups }: Checkpoint): object {
  const bits = ({ name, tensor }: NamedTensor): object => {
    const values = tensor.dataSync();
    const typed = tensor.dtype === 'float32' ? new Uint32Array(Float32Array.from(values).buffer) : values;
    return { name, dtype: tensor.dtype, shape: tensor.shape, values: [...typed] };
  };
  return {
    run,
    model: groups.model.map(bits),
    optimizer: groups.optimizer.map(bits),
    best: groups.best.map(bits),
  };
}

const anyTensor = fc
  .record({
    name: fc.string(),
    dtype: fc.constantFrom('float32' as const, 'int32' as const, 'bool' as const),
    shape: fc.array(fc.nat({ max: 3 }), { maxLength: 3 }),
    seed: fc.array(fc.float(), { minLength: 1, maxLength: 27 }),
  })
  .map(({ name, dtype, shape, seed }): (() => NamedTensor) => {
    const size = shape.reduce((a, b) => a * b, 1);
    const values = Array.from({ length: size }, (_, i) => seed[i % seed.length] as number);
    const typed = {
      float32: () => Float32Array.from(values),
      int32: () => Int32Array.from(values),
      bool: () => Uint8Array.from(values, (value) => (value > 0 ? 1 : 0)),
    }[dtype];
    return () => ({ name, tensor: tf.tensor(typed(), shape, dtype) });
  });

const anyCheckpoint = fc.record({
  run: fc.record({
    identity: fc.dictionary(fc.string(), fc.string()),
    epoch: fc.nat(),
    steps: fc.nat(),
    seconds: fc.double(),
    history: fc.array(fc.record({ loss: fc.double(), radius: fc.option(fc.double()) })),
  }),
  model: fc.array(anyTensor, { maxLength: 4 }),
  optimizer: fc.array(anyTensor, { maxLength: 4 }),
  best: fc.array(anyTensor, { maxLength: 2 }),
});

const some = (): Checkpoint => ({
  run: { epoch: 2, steps: 30 } as RunState,
  model: [{ name: 'w', tensor: tf.tensor1d([1.5, 1e-30, Math.fround(1 / 3)]) }],
  optimizer: [
    { name: 'cast', tensor: tf.tidy(() => tf.cast(tf.tensor1d([1, -2], 'int32'), 'float32')) },
    { name: 'empty', tensor: tf.zeros([0, 3]) },
  ],
  best: [{ name: 'flag', tensor: tf.tensor1d([true, false, true], 'bool') }],
});

async function bytesOf(checkpoint: Checkpoint): Promise<Uint8Array> {
  const bytes = await encodeCheckpoint(checkpoint);
  disposeCheckpoint(checkpoint);
  return bytes;
}

describe('checkpoint format', () => {
  it('gives back the same bits, types, shapes, names and numbers', async () => {
    await fc.assert(
      fc.asyncProperty(anyCheckpoint, async ({ run, model, optimizer, best }) => {
        const made = (list: readonly (() => NamedTensor)[]): NamedTensor[] => list.map((make) => make());
        const checkpoint: Checkpoint = {
          run: run as unknown as RunState,
          model: made(model),
          optimizer: made(optimizer),
          best: made(best),
        };
        const read = decodeCheckpoint(await encodeCheckpoint(checkpoint), 'memory');
        expect(plain(read)).toEqual(plain(checkpoint));
        disposeCheckpoint(checkpoint);
        disposeCheckpoint(read);
      }),
      { numRuns: 50 },
    );
  });

  it('is read from bytes that start anywhere in their buffer', async () => {
    const bytes = await bytesOf(some());
    const shifted = new Uint8Array(bytes.length + 3).subarray(3);
    shifted.set(bytes);
    const read = decodeCheckpoint(shifted, 'memory');
    expect([...(read.model[0]?.tensor.dataSync() ?? [])]).toEqual([1.5, Math.fround(1e-30), Math.fround(1 / 3)]);
    disposeCheckpoint(read);
  });

  it('refuses what is cut off anywhere', async () => {
    const whole = await bytesOf(some());
    for (let length = 0; length < whole.length; length++) {
      expect(() => decodeCheckpoint(whole.subarray(0, length), 'memory')).toThrow(
        /memory is cut off: it has \d+ bytes of at least \d+/,
      );
    }
  });

  it('refuses any one bit changed', async () => {
    const whole = await bytesOf(some());
    for (let position = 0; position < whole.length; position++) {
      for (const bit of [0, 3, 7]) {
        const changed = Uint8Array.from(whole);
        changed[position] = (changed[position] as number) ^ (1 << bit);
        expect(() => decodeCheckpoint(changed, 'memory')).toThrow(/memory is (no|of|cut|damaged)/);
      }
    }
  });

  it('refuses bytes after the end, and another version by its number', async () => {
    const whole = await bytesOf(some());
    expect(() => decodeCheckpoint(Uint8Array.from([...whole, 0]), 'memory')).toThrow(/bytes follow its end/);
    const newer = Uint8Array.from(whole);
    newer[7] = 9;
    expect(() => decodeCheckpoint(newer, 'memory')).toThrow(/of format version 9, and this version of flatmin reads 2/);
  });
});

describe('crc32', () => {
  it('is that of zip: the check value of its specification', () => {
    expect(crc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
  });
});

describe('exact JSON', () => {
  it('keeps the numbers that JSON cannot say', () => {
    const value = { a: [NaN, -0, 0, Infinity], b: { number: 'many' }, c: -Infinity };
    expect(fromExactJson(toExactJson(value))).toEqual(value);
    expect(Object.is((fromExactJson(toExactJson(value)) as typeof value).a[1], -0)).toBe(true);
  });
});

describe('case 38: a checkpoint as a stream', () => {
  const pieceLength = 7;
  async function* inPieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += pieceLength)
      yield await Promise.resolve(bytes.subarray(at, at + pieceLength));
  }

  it('has the bytes of version 2 as it was written before: what is in it, and where', async () => {
    const bytes = await bytesOf({
      run: { epoch: 2, steps: 30 } as RunState,
      model: [{ name: 'w', tensor: tf.tensor1d([1.5, -2]) }],
      optimizer: [{ name: 'n', tensor: tf.scalar(7, 'int32') }],
      best: [],
    });
    const data = [0, 0, 0xc0, 0x3f, 0, 0, 0, 0xc0, 7, 0, 0, 0];
    const json = new TextEncoder().encode(
      '{"run":{"epoch":2,"steps":30},"tensors":[' +
        '{"group":"model","name":"w","dtype":"float32","shape":[2],"offset":0},' +
        '{"group":"optimizer","name":"n","dtype":"int32","shape":[],"offset":8}],' +
        `"dataLength":12,"dataChecksum":${crc32(Uint8Array.from(data))}}`,
    );
    const lengths = new Uint8Array(Uint32Array.of(json.length, crc32(json)).buffer);
    const prelude = [...new TextEncoder().encode('flatmin'), 2, ...lengths];
    expect([...bytes]).toEqual([...prelude, ...json, ...data]);
  });

  it('reads a tensor from the backend when its piece is taken, and not before', async () => {
    const checkpoint = some();
    const reads: string[] = [];
    for (const { name, tensor } of [...checkpoint.model, ...checkpoint.optimizer, ...checkpoint.best]) {
      const data = tensor.data.bind(tensor);
      tensor.data = async () => {
        reads.push(name);
        return data();
      };
    }
    const pieces = checkpointPieces(checkpoint);
    await pieces.next();
    await pieces.next();
    // For the checksum, which stands before them.
    expect(reads.splice(0)).toEqual(['w', 'cast', 'empty', 'flag']);
    const lengths: number[] = [];
    for (const name of ['w', 'cast', 'empty', 'flag']) {
      lengths.push(((await pieces.next()).value as Uint8Array).byteLength);
      expect(reads.splice(0)).toEqual([name]);
    }
    expect(lengths).toEqual([12, 8, 0, 3]);
    expect((await pieces.next()).done).toBe(true);
    disposeCheckpoint(checkpoint);
  });

  it('is read from pieces of any length, and refused wherever it is cut off or changed, without a tensor left', async () => {
    const whole = await bytesOf(some());
    const read = await decodeCheckpointStream(inPieces(whole), 'memory');
    const same = decodeCheckpoint(whole, 'memory');
    expect(plain(read)).toEqual(plain(same));
    disposeCheckpoint(read);
    disposeCheckpoint(same);
    for (let length = 0; length < whole.length; length++) {
      await expect(decodeCheckpointStream(inPieces(whole.subarray(0, length)), 'memory')).rejects.toThrow(
        new RegExp(`memory is cut off: it has ${length} bytes of at least`),
      );
      const changed = Uint8Array.from(whole);
      changed[length] = (changed[length] as number) ^ 8;
      await expect(decodeCheckpointStream(inPieces(changed), 'memory')).rejects.toMatchObject({
        code: 'STATE_INVALID',
      });
    }
    await expect(decodeCheckpointStream(inPieces(Uint8Array.from([...whole, 0])), 'memory')).rejects.toThrow(
      /bytes follow its end/,
    );
  });

  it('that breaks off leaves no tensor', async () => {
    const whole = await bytesOf(some());
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield* inPieces(whole.subarray(0, whole.length - 4));
      throw new Error('the disk is gone');
    }
    await expect(decodeCheckpointStream(broken(), 'memory')).rejects.toThrow('the disk is gone');
  });
});
