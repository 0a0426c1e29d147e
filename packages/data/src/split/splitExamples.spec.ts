import { describe, expect, it } from '@jest/globals';
import { arraySource, splitExamples } from '../index.js';

const source = (size: number) => ({
  ...arraySource(Array.from({ length: size }, (_, i) => i)),
  labels: Float32Array.from({ length: size }, (_, i) => i / 2),
});
const read = async (from: ReturnType<typeof source>) =>
  from.read(Array.from({ length: from.size }, (_, i) => i)) as readonly number[];

describe('splitExamples', () => {
  it('holds validation and test out of one source, with the labels of each', async () => {
    const parts = splitExamples({ train: source(20), testFraction: 0.25, choice: { validation: 0.2, seed: 3 } });
    const rows = await Promise.all([parts.train, parts.validation, parts.test].map(read));
    expect(rows.map((part) => part.length)).toEqual([11, 4, 5]);
    expect(rows.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    for (const part of Object.values(parts)) expect([...part.labels]).toEqual((await read(part)).map((row) => row / 2));
  });

  it('keeps official parts as they are, and validation in proportion to a smaller train', async () => {
    const official = splitExamples({ train: source(10), validation: source(3), test: source(4) });
    expect([official.train.size, await read(official.validation), await read(official.test)]).toEqual([
      10,
      [0, 1, 2],
      [0, 1, 2, 3],
    ]);
    const small = splitExamples({
      train: source(100),
      testFraction: 0.5,
      choice: { train: 20, test: 7, validation: 0.1 },
    });
    // 40 rows train, 10 validation, 50 test; half of train, so half of validation.
    expect([small.train.size, small.validation.size, small.test.size]).toEqual([20, 5, 7]);
    expect(() => splitExamples({ train: source(100), testFraction: 0.5, choice: { train: 41 } })).toThrow(/at most 40/);
  });
});
