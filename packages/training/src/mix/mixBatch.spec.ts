import { RandomStream } from '@flatmin/core';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { mixSchema } from '../settings/mix.js';
import { encodeLabels } from '../tasks/crossEntropy.js';
import { drawMix, type Mix } from './drawMix.js';
import { mixBatch } from './mixBatch.js';

let tensors = 0;
beforeEach(() => {
  tensors = tf.memory().numTensors;
  tf.engine().startScope();
});
afterEach(() => {
  tf.engine().endScope();
  expect(tf.memory().numTensors).toBe(tensors);
});

const values = (tensor: tf.Tensor): number[] => [...tensor.dataSync()];
/** Swaps the first two of three examples. */
const partners = Uint32Array.of(1, 0, 2);

describe('mixBatch', () => {
  it('blends values and labels, worked by hand', () => {
    const x = tf.tensor2d([[0, 8], [4, 0], [1, 2]]); // prettier-ignore
    const target = encodeLabels(tf.tensor1d([0, 2, 1], 'int32'), 3);
    const mixed = mixBatch({ x, target }, { lambda: 0.75, partners });
    expect(values(mixed.x)).toEqual([1, 6, 3, 2, 1, 2]);
    expect(values(mixed.target)).toEqual([0.75, 0, 0.25, 0.25, 0, 0.75, 0, 1, 0]);
  });

  it('blends smoothed labels: the share of all classes stays what it is', () => {
    const target = encodeLabels(tf.tensor1d([0, 2, 1], 'int32'), 3, 0.3);
    const mixed = mixBatch({ x: tf.zeros([3, 1]), target }, { lambda: 0.75, partners });
    // 0.7 of the labels above, and 0.1 for each class.
    const expected = [0.625, 0.1, 0.275, 0.275, 0.1, 0.625, 0.1, 0.8, 0.1];
    values(mixed.target).forEach((value, i) => expect(value).toBeCloseTo(expected[i] as number, 6));
  });

  it('blends the targets of a regression', () => {
    const mixed = mixBatch({ x: tf.zeros([3, 1]), target: tf.tensor1d([1, 5, 7]) }, { lambda: 0.25, partners });
    expect(values(mixed.target)).toEqual([4, 2, 7]);
  });

  it('pastes the box of the partner, all channels of it, and blends labels by its area', () => {
    // Two images of 2 x 3 pixels and 2 channels, 0 to 11 and 100 to 111; the box is the last two columns of row 1.
    const x = tf.tensor4d([...Array(12).keys(), ...Array(12).keys()].map((value, i) => value + (i < 12 ? 0 : 100)), [2, 2, 3, 2]); // prettier-ignore
    const box = { top: 1, bottom: 2, left: 1, right: 3 };
    const target = encodeLabels(tf.tensor1d([0, 1], 'int32'), 2);
    const mixed = mixBatch({ x, target }, { lambda: 0.75, partners: Uint32Array.of(1, 0), box });
    const first = [0, 1, 2, 3, 4, 5, 6, 7, 108, 109, 110, 111];
    const second = [100, 101, 102, 103, 104, 105, 106, 107, 8, 9, 10, 11];
    expect(values(mixed.x)).toEqual([...first, ...second]);
    expect(mixed.x.shape).toEqual([2, 2, 3, 2]);
    expect(values(mixed.target)).toEqual([0.75, 0.25, 0.25, 0.75]);
  });

  const seeds = fc.nat(1e6);
  const settings = mixSchema.parse({ mixup: { alpha: 1 }, cutmix: {} });
  const batchOf = (seed: number, size: number, classes: number) => {
    const random = new RandomStream(seed);
    const labels = Int32Array.from(random.at('labels').uniforms(size), (u) => Math.floor(u * classes));
    const x = random.at('x').normal([size, 4, 5, 2]);
    return { x, labels, target: encodeLabels(tf.tensor1d(labels, 'int32'), classes, 0.1) };
  };

  it('has labels that sum to 1 and values between those of the two, for any batch and mix', () => {
    const sizes = fc.integer({ min: 1, max: 6 });
    fc.assert(
      fc.property(seeds, sizes, fc.integer({ min: 2, max: 5 }), (seed, size, classes) => {
        const batch = batchOf(seed, size, classes);
        const mix = drawMix(settings, new RandomStream(seed), batch.x.shape) as Mix;
        const mixed = mixBatch(batch, mix);
        values(tf.sum(mixed.target, 1)).forEach((sum) => expect(Math.abs(sum - 1)).toBeLessThan(1e-6));
        const [own, found] = [values(batch.x), values(mixed.x)];
        found.forEach((value, i) => {
          const other = own[(mix.partners[Math.floor(i / 40)] as number) * 40 + (i % 40)] as number;
          const [low, high] = [own[i] as number, other].sort((a, b) => a - b) as [number, number];
          expect(value >= low - 1e-6 && value <= high + 1e-6).toBe(true);
        });
      }),
      { numRuns: 30 },
    );
  });

  it('with lambda 1 is the identity bit for bit, also of zeros with a sign', () => {
    fc.assert(
      fc.property(seeds, fc.boolean(), (seed, isCut) => {
        const batch = batchOf(seed, 3, 4);
        const x = tf.mul(batch.x, tf.cast(tf.greater(batch.x, 0), 'float32'));
        const box = { top: 1, bottom: 1, left: 2, right: 2 };
        const mixed = mixBatch({ x, target: batch.target }, { lambda: 1, partners, ...(isCut && { box }) });
        values(mixed.x).forEach((value, i) => expect(value).toBe(values(x)[i]));
        expect(values(mixed.target)).toEqual(values(batch.target));
      }),
      { numRuns: 5 },
    );
  });

  it('with lambda 0 is the partner', () => {
    const { x, target } = batchOf(1, 3, 4);
    const mixed = mixBatch({ x, target }, { lambda: 0, partners });
    expect(values(mixed.x)).toEqual(values(tf.gather(x, [1, 0, 2])));
    expect(values(mixed.target)).toEqual(values(tf.gather(target, [1, 0, 2])));
  });

  it('refuses ids by name', () => {
    const x = tf.tensor2d([[1], [2], [3]], undefined, 'int32');
    expect(() => mixBatch({ x, target: tf.zeros([3]) }, { lambda: 0.5, partners })).toThrow(
      expect.objectContaining({
        code: 'DATA_INVALID',
        message: expect.stringMatching(/mix got a batch whose x is int32/),
      }),
    );
  });
});
