import { describe, expect, it } from '@jest/globals';
import { noisyParts, splitExamples } from '../index.js';
import { numberedTable, numbersOf } from '../source/numberedTable.fixture.js';

const wrong = (noisy: Int32Array, clean: Int32Array): number => noisy.filter((label, i) => label !== clean[i]).length;

describe('noisyParts', () => {
  it('has the exact rate in train and in validation, and a clean test', async () => {
    const choice = { validation: 0.2, seed: 3, labelNoise: { rate: 0.4, seed: 1 } };
    const split = splitExamples({ train: numberedTable(103, 10), testFraction: 0.2, choice });
    const noisy = noisyParts(split, 10, choice);
    // validation and test round(20.6) = 21, train 61; round(0.4 * 61) = 24, round(0.4 * 21) = 8
    expect(wrong(noisy.train.labels, split.train.labels)).toBe(24);
    expect(wrong(noisy.validation.labels, split.validation.labels)).toBe(8);
    expect(noisy.test).toBe(split.test);
    expect(await numbersOf(noisy.train)).toEqual(await numbersOf(split.train));
  });

  it('draws train and validation apart', () => {
    const same = numberedTable(40, 10);
    const parts = { train: same, validation: same, test: same };
    const noisy = noisyParts(parts, 10, { labelNoise: { rate: 0.5 }, seed: 1 });
    expect(noisy.train.labels).not.toEqual(noisy.validation.labels);
  });

  it("draws the noise by its own seed, else by the data set's", () => {
    const same = numberedTable(40, 10);
    const labels = (seed: number, own?: number) =>
      noisyParts({ train: same, validation: same, test: same }, 10, { seed, labelNoise: { rate: 0.5, seed: own } })
        .train.labels;
    expect(labels(1)).toEqual(labels(1, 1));
    expect(labels(1, 2)).not.toEqual(labels(1));
  });
});
