import { RandomStream } from '@flatmin/core';
import type { Batch, BatchOptions } from '@flatmin/core/plugin';
import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import {
  arraySource,
  mapRecords,
  selectRecords,
  streamPart,
  type RecordSource,
  type SequentialSource,
} from '../index.js';

const range = (size: number): number[] => Array.from({ length: size }, (_, i) => i);

/** A part of the numbers 0 to size - 1: x is the number, y its third class. */
function numbers(source: RecordSource<number> | SequentialSource<number>, options: object = {}) {
  return streamPart({
    source,
    assemble: (records) => ({
      x: { values: Float32Array.from(records), shape: [records.length, 1] },
      y: { values: Int32Array.from(records, (value) => value % 3), shape: [records.length] },
    }),
    ...options,
  });
}

function sequence(size: number, given = size): SequentialSource<number> {
  return {
    size: given,
    async *records() {
      yield* range(size);
    },
  };
}

async function read(part: { batches(options: BatchOptions): AsyncIterable<Batch> }, options: BatchOptions) {
  const batches: number[][] = [];
  for await (const { x, y } of part.batches(options)) {
    const values = [...x.dataSync()];
    expect([x.dtype, x.shape, y.dtype]).toEqual(['float32', [values.length, 1], 'int32']);
    expect([...y.dataSync()]).toEqual(values.map((value) => value % 3));
    batches.push(values);
    tf.dispose([x, y]);
  }
  return batches;
}

describe.each([
  ['by index', () => arraySource(range(7))],
  ['in order', () => sequence(7)],
])('streamPart, %s', (_, source) => {
  it('cuts batches in natural order, also without the remainder', async () => {
    expect(await read(numbers(source()), { batchSize: 3 })).toEqual([[0, 1, 2], [3, 4, 5], [6]]);
    expect(await read(numbers(source()), { batchSize: 3, dropRemainder: true })).toEqual([
      [0, 1, 2],
      [3, 4, 5],
    ]);
  });

  it('gives each record once an epoch, in an order that only the stream decides', async () => {
    const part = numbers(source(), { shuffleBuffer: 3 });
    const epoch = (n: number) => read(part, { batchSize: 2, shuffle: new RandomStream(5).at(n) });
    const first = await epoch(0);
    expect(first.flat().sort()).toEqual(range(7));
    expect(first.flat()).not.toEqual(range(7));
    expect(await epoch(0)).toEqual(first);
    expect(await epoch(1)).not.toEqual(first);
    expect((await read(part, { batchSize: 7, shuffle: new RandomStream(5).at(0) })).flat()).toEqual(first.flat());
  });

  it('leaves no tensor, also when the loop ends early', async () => {
    const before = tf.memory().numTensors;
    for await (const { x, y } of numbers(source()).batches({ batchSize: 2 })) {
      expect(tf.memory().numTensors).toBe(before + 2);
      tf.dispose([x, y]);
      break;
    }
    expect(tf.memory().numTensors).toBe(before);
  });

  it.each([0, 1.5, NaN])('refuses a batch size of %p at the call', (batchSize) => {
    expect(() => numbers(source()).batches({ batchSize })).toThrow(expect.objectContaining({ code: 'DATA_INVALID' }));
  });
});

describe('streamPart', () => {
  it('shuffles a source with an index as a whole, as an array part', async () => {
    const shuffle = new RandomStream(3);
    const shuffled = await read(numbers(arraySource(range(50))), { batchSize: 8, shuffle });
    expect(shuffled.flat()).toEqual([...shuffle.permutation(50)]);
  });

  it('holds no more than it says: prefetch + 2 batches', async () => {
    let asked = 0;
    const source = {
      size: 1000,
      read: (indices: ArrayLike<number>) => ((asked += indices.length), Array.from(indices)),
    };
    let used = 0;
    for await (const { x, y } of numbers(source, { prefetch: 3 }).batches({ batchSize: 10 })) {
      used += 10;
      await new Promise((resume) => setTimeout(resume, 1));
      expect(asked).toBeLessThanOrEqual(used + 3 * 10);
      tf.dispose([x, y]);
      if (used === 200) break;
    }
    expect(asked).toBe(230);
  });

  it('gives assemble the places of the records and the stream of the epoch', async () => {
    const seen: [number[], boolean][] = [];
    const part = streamPart({
      source: selectRecords(arraySource(['a', 'b', 'c', 'd']), [3, 1]),
      assemble: (records, indices, random) => {
        seen.push([[...Array.from(indices)], random !== undefined]);
        expect(records).toEqual(Array.from(indices, (index) => ['d', 'b'][index]));
        return { x: { values: new Float32Array(2), shape: [2] }, y: { values: new Int32Array(2), shape: [2] } };
      },
    });
    for (const options of [{ batchSize: 2 }, { batchSize: 2, shuffle: new RandomStream(1) }]) {
      for await (const { x, y } of part.batches(options)) tf.dispose([x, y]);
    }
    expect(seen.map(([indices, random]) => [indices.sort(), random])).toEqual([
      [[0, 1], false],
      [[0, 1], true],
    ]);
  });

  it.each([6, 8])('says so where a sequence of 7 claims %i', async (given) => {
    await expect(read(numbers(sequence(7, given)), { batchSize: 4 })).rejects.toMatchObject({ code: 'DATA_INVALID' });
  });

  it('passes on what the source throws, and frees x where y does not fit', async () => {
    const before = tf.memory().numTensors;
    const broken = { size: 3, read: () => Promise.reject(new Error('disk')) };
    await expect(read(numbers(broken), { batchSize: 2 })).rejects.toThrow('disk');
    const misfit = streamPart({
      source: arraySource([1]),
      assemble: () => ({
        x: { values: new Float32Array(1), shape: [1] },
        y: { values: new Int32Array(1), shape: [2] },
      }),
    });
    await expect(read(misfit, { batchSize: 1 })).rejects.toThrow();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('is a permutation for any size, batch and buffer', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(40),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 50 }),
        fc.nat(),
        async (size, batchSize, shuffleBuffer, seed) => {
          const shuffle = new RandomStream(seed);
          const found = await read(numbers(sequence(size), { shuffleBuffer }), { batchSize, shuffle });
          expect(found.flat().sort((a, b) => a - b)).toEqual(range(size));
          // An item of place p comes out at p - (buffer - 1) at the earliest.
          found.flat().forEach((value, place) => expect(value - place).toBeLessThan(shuffleBuffer));
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe('a source that is opened for each pass', () => {
  function openable(fails = false) {
    const log: string[] = [];
    const plain = arraySource(range(7));
    const open = () => {
      log.push('open');
      const read = async (indices: ArrayLike<number>) =>
        fails ? Promise.reject(new Error('disk')) : plain.read(indices);
      return { read, close: () => void log.push('close') };
    };
    return { log, source: { ...plain, open } };
  }

  it('is closed at the end of the pass, also through a choice of records and what is made of them', async () => {
    const { log, source } = openable();
    const part = numbers(mapRecords(selectRecords(source, [5, 1, 3]), (value) => 10 * value));
    expect(log).toEqual([]);
    for (let pass = 0; pass < 2; pass++) expect(await read(part, { batchSize: 2 })).toEqual([[50, 10], [30]]);
    expect(log).toEqual(['open', 'close', 'open', 'close']);
    // A choice among other records must not keep the first one's reader.
    const chosen = { ...source, ...selectRecords(arraySource([9]), [0]) };
    expect(await read(numbers(chosen), { batchSize: 2 })).toEqual([[9]]);
  });

  it('is closed where the loop ends early, and where reading fails', async () => {
    const { log, source } = openable();
    for await (const { x, y } of numbers(source).batches({ batchSize: 2 })) {
      tf.dispose([x, y]);
      break;
    }
    expect(log).toEqual(['open', 'close']);
    const broken = openable(true);
    await expect(read(numbers(broken.source), { batchSize: 2 })).rejects.toThrow('disk');
    expect(broken.log).toEqual(['open', 'close']);
  });
});
