import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { lossOfOutputs } from './batchLosses.js';
import { accumulatedGradients } from './gradients.js';
import { lossRandom, withLossRandom } from './lossRandom.js';
import { gradientByOutputs } from './outputGradient.js';
import { examplesOf, cleanPasses, extraPasses, batchParts } from './parts.js';
import { RandomStream } from '../tensors/random.js';
import { Statistics } from './statistics.js';

describe('lossRandom', () => {
  it('is nothing outside a step, and what it was before once a pass is over, also one that throws', () => {
    const [outer, inner] = [new RandomStream(1), new RandomStream(2)];
    expect(lossRandom()).toBeUndefined();
    withLossRandom(outer, () => {
      expect(() => withLossRandom(inner, () => { throw new Error('pass'); })).toThrow('pass'); // prettier-ignore
      expect(lossRandom()).toBe(outer);
    });
    expect(lossRandom()).toBeUndefined();
  });

  it('gives each part of a batch its own, in whatever way the part is looked at', () => {
    tf.tidy(() => {
      const w = tf.variable(tf.scalar(2));
      const drawn: (number | undefined)[] = [];
      const model = (x: tf.Tensor): tf.Tensor => {
        drawn.push(lossRandom()?.uniforms(1)[0]);
        return tf.mul(x, w);
      };
      const perExample = (outputs: tf.Tensor): tf.Tensor1D => tf.reshape(outputs, [-1]);
      const parts = batchParts(lossOfOutputs(model, perExample, tf.ones([4, 1]), tf.ones([4])), 2, 'test');
      withLossRandom(new RandomStream(7), () => {
        const statistics = new Statistics(new Set());
        accumulatedGradients(parts, [w], cleanPasses(statistics));
        examplesOf(parts, extraPasses(statistics));
        gradientByOutputs(parts, extraPasses(statistics), 'test');
        statistics.release();
      });
      const [first, second] = [new RandomStream(7).at(0), new RandomStream(7).at(1)].map((each) => each.uniforms(1)[0]);
      expect(drawn).toEqual([first, second, first, second, first, second]);
      expect(first).not.toBe(second);
      w.dispose();
    });
  });
});
