import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs';
import { nudged, requireAgreement } from './check.js';

const weights = [1, -2, 3, 0.5];
const step = (decay: number, error = 0): tf.Tensor1D => {
  const gradient = [0.5, 0.25, -1, 2];
  return tf.tensor1d(weights.map((w, i) => w - 0.1 * ((gradient[i] as number) + decay * w) + (i === 0 ? error : 0)));
};

describe('the check of a graph', () => {
  const compare = (replayed: tf.Tensor, rounding: number): void => {
    const shaken = (): tf.Tensor => tf.add(replayed, tf.tensor1d([rounding, 0, 0, 0]));
    requireAgreement([{ before: tf.tensor1d(weights), eager: step(0.0005), replayed, shaken }]);
  };

  it('a lost weight decay of 0.0005 is refused, of which a change of a tenth would know nothing', () => {
    // It moves the weights by 0.1 * 0.0005 * |w| = 1.9e-4, of a change of 0.23: less than a thousandth.
    expect(() => compare(step(0.0005), 0)).not.toThrow();
    expect(() => compare(step(0), 1e-7)).toThrow(expect.objectContaining({ code: 'CAPTURE_REFUSED' }));
    expect(() => compare(step(0), 1e-7)).toThrow(/off by 1\.9e-4 of a change of 2\.3e-1/);
    expect(() => compare(step(0.0005, 2e-6), 1e-8)).toThrow(/off by/);
  });

  it('what rounding does in the step is allowed eight times', () => {
    expect(() => compare(step(0.0005, 1e-3), 1.3e-4)).not.toThrow();
    expect(() => compare(step(0.0005, 1e-3), 1.1e-4)).toThrow(/off by 1\.0e-3/);
  });

  it('each tensor stands for itself: a large one does not hide a small one', () => {
    const large = tf.fill([1000], 100);
    const small = [tf.tensor1d([1]), tf.tensor1d([1.001])] as const;
    const comparisons = [
      { before: tf.zeros([1000]), eager: large, replayed: large, shaken: () => tf.add(large, 1) },
      { before: tf.zeros([1]), eager: small[0], replayed: small[1], shaken: () => small[1] },
    ];
    expect(() => requireAgreement(comparisons)).toThrow(/a tensor \[1\] is off by/);
  });

  it('a start is nudged by its last bits, zeros and integers left alone', () => {
    const values = nudged(tf.tensor1d([1, -3, 0, Infinity])).dataSync();
    expect([...values]).toEqual([1 + 2 ** -23, -(3 + 2 ** -22), 0, Infinity]);
    const counts = tf.tensor1d([1, 2], 'int32');
    expect(nudged(counts)).toBe(counts);
  });
});
