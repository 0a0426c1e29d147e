import * as tf from '@tensorflow/tfjs-core';

/**
 * What stands for positions in a sequence: sines of `width / 2` wavelengths from 2 pi to 20,000 pi, then their cosines.
 * As in fairseq and tensor2tensor, and so not the alternating ones of the paper; the first position is 1.
 *
 * @param width even, at least 4.
 * @returns a function of the first position, counted from 0, and how many: float32 [length, width].
 */
export function sinusoids(width: number): (from: number, length: number) => tf.Tensor2D {
  const half = width / 2;
  const frequencies = Array.from({ length: half }, (_, i) => Math.exp((-i * Math.log(10_000)) / (half - 1)));
  return (from, length) => {
    const values = new Float32Array(length * width);
    for (let row = 0; row < length; row++) {
      frequencies.forEach((frequency, i) => {
        const angle = (from + row + 1) * frequency;
        values[row * width + i] = Math.sin(angle);
        values[row * width + half + i] = Math.cos(angle);
      });
    }
    return tf.tensor2d(values, [length, width]);
  };
}
