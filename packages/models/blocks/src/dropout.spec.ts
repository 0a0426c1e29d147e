import { lossOfBatch, type LossFunction } from '@flatmin/core';
import { capture } from '@flatmin/graph';
import { sam } from '@flatmin/sam';
import { afterEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { dropout } from './dropout.js';
import { disposeAll, freshWeights, onNative, valuesOf } from './testing.fixture.js';

afterEach(disposeAll);

const at = (path: string) => ({ path });

describe('the layer', () => {
  it('is nothing outside training, and at rate 0', () => {
    tf.tidy(() => {
      const x = tf.ones([4]);
      expect(dropout(at('a'), 0.5)(x, false)).toBe(x);
      expect(dropout(at('a'), 0)(x, true)).toBe(x);
    });
  });

  it('leaves out the share it is told to, and keeps the mean', () => {
    tf.tidy(() => {
      const kept = valuesOf(dropout(at('a'), 0.2)(tf.ones([100, 200]), true));
      expect(new Set(kept)).toEqual(new Set([0, 1.25]));
      // 20,000 coins: the standard deviation of the share is 0.0028.
      expect(kept.filter((value) => value === 0).length / kept.length).toBeCloseTo(0.2, 1.7);
    });
  });

  it.each([-0.1, 1, Number.NaN])('refuses the rate %p', (rate) => {
    expect(() => dropout(at('a'), rate)).toThrow(/dropout: the rate is .* Give a number/);
  });

  it('draws another mask in each call that no step makes', () => {
    tf.tidy(() => {
      const layer = dropout(at('a'), 0.5);
      expect(valuesOf(layer(tf.ones([64]), true))).not.toEqual(valuesOf(layer(tf.ones([64]), true)));
    });
  });
});

/**
 * A weight for each of 64 inputs, all of ones; the loss is the mean square of what two layers of dropout leave of x w.
 */
function problem() {
  const weights = freshWeights();
  const w = weights.trained('kernel', [64], (_, size) => new Float32Array(size).fill(1));
  const layers = [dropout(weights.at('drop1'), 0.5), dropout(weights.at('drop2'), 0.25)] as const;
  const masks: string[] = [];
  const loss = (rows = 2): LossFunction =>
    lossOfBatch(
      (x, y) => {
        const once = layers[0](tf.ones([x.shape[0], 64]), true);
        const both = layers[1](once, true);
        masks.push(valuesOf(both).join(' '));
        return tf.mean<tf.Tensor1D>(tf.square(tf.sub(tf.mul(tf.mul(both, x), w), y)), 1);
      },
      tf.ones([rows, 64]),
      tf.zeros([rows, 64]),
    );
  return { w, loss, masks };
}

describe('within steps', () => {
  const optimizerOf = (more: object = {}) => sam({ rho: 0.5, base: { use: 'sgd', learningRate: 0.1 }, ...more });

  it('shows both passes the same mask, and the next step another', () => {
    tf.tidy(() => {
      const { loss, masks, w } = problem();
      const optimizer = optimizerOf();
      for (let t = 0; t < 3; t++) optimizer.minimize(loss(), false, [w]);
      expect(masks).toHaveLength(6);
      expect([masks[0], masks[2], masks[4]]).toEqual([masks[1], masks[3], masks[5]]);
      expect(new Set(masks).size).toBe(3);
      optimizer.dispose();
    });
  });

  it('shows the same one to the pass that looks for the variables', () => {
    tf.tidy(() => {
      const { loss, masks } = problem();
      const optimizer = optimizerOf();
      optimizer.minimize(loss());
      expect(new Set(masks).size).toBe(1);
      optimizer.dispose();
    });
  });

  it('draws for each micro-batch, the same in both passes', () => {
    tf.tidy(() => {
      const { loss, masks, w } = problem();
      const optimizer = optimizerOf({ accumulate: 2 });
      optimizer.minimize(loss(4), false, [w]);
      expect(masks).toHaveLength(4);
      expect(masks[0]).not.toBe(masks[1]);
      expect(masks.slice(2)).toEqual(masks.slice(0, 2));
      optimizer.dispose();
    });
  });

  it('draws for each part of m-sharpness, the same in both of its passes', () => {
    tf.tidy(() => {
      const { loss, masks, w } = problem();
      const optimizer = optimizerOf({ microBatches: 2 });
      optimizer.minimize(loss(4), false, [w]);
      expect(masks).toHaveLength(4);
      expect([masks[1], masks[3]]).toEqual([masks[0], masks[2]]);
      expect(masks[0]).not.toBe(masks[2]);
      optimizer.dispose();
    });
  });

  it('draws by the seed of the optimizer, and goes on where a saved one was', async () => {
    const run = async (seed: number, resumeAt?: number): Promise<string[]> => {
      const { loss, masks, w } = problem();
      let optimizer = optimizerOf({ seed });
      for (let t = 0; t < 4; t++) {
        if (t === resumeAt) {
          const before = optimizer;
          optimizer = optimizerOf({ seed: 99 });
          await optimizer.setWeights(await before.getWeights());
          before.dispose();
        }
        tf.tidy(() => void optimizer.minimize(loss(), false, [w]));
      }
      optimizer.dispose();
      return masks;
    };
    const masks = await run(1);
    expect(await run(1, 2)).toEqual(masks);
    expect(await run(2)).not.toEqual(masks);
  });

  (onNative ? it : it.skip)('draws the same in steps that run as graphs', () => {
    const train = (asGraph: boolean): number[] => {
      const weights = freshWeights();
      const w = weights.trained('kernel', [64], (_, size) => new Float32Array(size).fill(1));
      const layer = dropout(weights.at('drop'), 0.5);
      const optimizer = optimizerOf();
      const loss =
        (x: tf.Tensor): LossFunction =>
        () =>
          tf.mean<tf.Scalar>(tf.square(tf.sub(layer(tf.mul(w, x), true), x)));
      const x = tf.ones([64]);
      const step = asGraph ? capture(optimizer, loss, [x], { variables: [w] }) : undefined;
      for (let t = 0; t < 5; t++) (step?.(x) ?? optimizer.minimize(loss(x), true, [w]))?.dispose();
      if (step) expect(step.graphs).toBe(1);
      const values = valuesOf(w);
      step?.dispose();
      optimizer.dispose();
      weights.dispose();
      x.dispose();
      return values;
    };
    const eager = train(false);
    expect(train(true)).toEqual(eager);
    expect(new Set(eager).size).toBeGreaterThan(8); // Weights that were left out in different steps.
  });
});
