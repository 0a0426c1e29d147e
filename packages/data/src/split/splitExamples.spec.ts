import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { arraySource, splitExamples } from '../index.js';
import { numberedTable, numbersOf } from '../source/numberedTable.fixture.js';

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

  it('puts every row with its own label into exactly one part', async () => {
    const fractions = fc.double({ min: 0, max: 0.4, noNaN: true }).map((value) => (value < 0.1 ? 0 : value));
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 10, max: 80 }),
        fractions,
        fractions,
        fc.integer(),
        async (rows, validation, testFraction, seed) => {
          const train = numberedTable(rows, 5);
          const split = splitExamples({ train, testFraction, choice: { validation, seed } });
          const parts = [split.train, split.validation, split.test];
          expect(parts.map(({ size }) => size).slice(1)).toEqual([
            Math.round(validation * rows),
            Math.round(testFraction * rows),
          ]);
          const numbers = (await Promise.all(parts.map(numbersOf))).flat();
          expect([...numbers].sort((a, b) => a - b)).toEqual(Array.from({ length: rows }, (_, i) => i));
          expect(parts.flatMap(({ labels }) => [...labels])).toEqual(numbers.map((row) => row % 5));
        },
      ),
    );
  });

  it('leaves official test examples as they are', () => {
    const test = numberedTable(4);
    const split = splitExamples({ train: numberedTable(10), test, choice: { validation: 0.2, seed: 1 } });
    expect(split.test).toBe(test);
    expect(split.train.labels).toHaveLength(8);
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
