import { afterEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { causalMask, crossAttention, type KeysAndValues, paddingMask, selfAttention } from './attention.js';
import { constant, normal } from './initializers.js';
import { assign, disposeAll, expectClose, freshWeights, valuesOf } from './testing.fixture.js';

afterEach(disposeAll);

describe('selfAttention', () => {
  const attend = (heads: number, kernel: readonly number[], out: readonly number[], bias: readonly number[]) => {
    const weights = freshWeights();
    const layer = selfAttention(weights, { width: 2, heads, initial: constant(0) });
    assign(weights, { 'qkv/kernel': kernel, 'out/kernel': out, 'out/bias': bias });
    return layer;
  };
  // The rows are 1 0 and 0 1, so the kernel's first row is what position 1 has for q1 q2 k1 k2 v1 v2, its second what
  // position 2 has.
  const log3 = Math.log(3);

  it('mixes values by softmax of q k, each head for itself, then through the last layer', () => {
    const layer = attend(2, [0, log3, 0, 1, 2, 8, 0, 0, 0, 0, 4, 0], [1, 10, 0, 1], [0.5, 0]);
    tf.tidy(() => {
      const y = layer({ rows: tf.tensor2d([1, 0, 0, 1], [2, 2]), batch: 1, length: 2 });
      // Head 1 has no scores: (2 + 4) / 2 = 3 at both. Head 2: scores log 3 and 0 at position 1, so 3/4 of 8; none at
      // 2, so half of 8. Out: 3 + 0.5 and 30 + 6; 3 + 0.5 and 30 + 4.
      expectClose(y, [3.5, 36, 3.5, 34]);
    });
  });

  it('divides scores by the root of the size of a head', () => {
    const layer = attend(1, [Math.SQRT2 * log3, 0, 1, 0, 2, 8, 0, 0, 0, 0, 4, 0], [1, 0, 0, 1], [0, 0]);
    tf.tidy(() => {
      const y = layer({ rows: tf.tensor2d([1, 0, 0, 1], [2, 2]), batch: 1, length: 2 });
      // 3/4 of (2, 8) and 1/4 of (4, 0); the mean of both.
      expectClose(y, [2.5, 6, 3, 4]);
    });
  });

  it('keeps the sequences of a batch apart', () => {
    const layer = attend(1, [0.3, 0.1, -0.2, 0.4, 1, 2, 0.7, -0.5, 0.2, 0.3, 3, 4], [1, 0, 0, 1], [0, 0]);
    tf.tidy(() => {
      const [first, second] = [tf.tensor2d([1, 2, 3, 4], [2, 2]), tf.tensor2d([-1, 0, 2, 5], [2, 2])];
      const both = layer({ rows: tf.concat([first, second]), batch: 2, length: 2 });
      const alone = [first, second].flatMap((rows) => valuesOf(layer({ rows, batch: 1, length: 2 })));
      expectClose(both, alone, 1e-6);
    });
  });

  it('reads nothing of what a mask hides, and takes no operation without one', async () => {
    const layer = attend(2, [0, log3, 0, 1, 2, 8, 0, 0, 0, 0, 4, 0], [1, 10, 0, 1], [0.5, 0]);
    const rows = tf.tensor2d([1, 0, 0, 1], [2, 2]);
    const kernels = async (mask?: tf.Tensor) =>
      (await tf.profile(() => tf.tidy(() => void layer({ rows, batch: 1, length: 2 }, { mask })))).kernels.length;
    const mask = causalMask(2);
    tf.tidy(() => {
      // Position 1 has itself alone, values 2 and 8; position 2 has both, as without a mask.
      expectClose(layer({ rows, batch: 1, length: 2 }, { mask }), [2.5, 28, 3.5, 34]);
      const padding = paddingMask(tf.tensor2d([[7, 0]], [1, 2], 'int32'));
      // Both positions have position 1 alone.
      expectClose(layer({ rows, batch: 1, length: 2 }, { mask: padding }), [2.5, 28, 2.5, 28]);
    });
    expect(await kernels(mask)).toBe((await kernels()) + 1);
    tf.dispose([rows, mask]);
  });

  it('mixes by what dropping has made of the shares', () => {
    const layer = attend(1, [0, 0, 0, 0, 2, 8, 0, 0, 0, 0, 4, 0], [1, 0, 0, 1], [0, 0]);
    tf.tidy(() => {
      const drop = (shares: tf.Tensor) => tf.mul(shares, tf.tensor2d([2, 0, 1, 1], [2, 2]));
      const y = layer({ rows: tf.tensor2d([1, 0, 0, 1], [2, 2]), batch: 1, length: 2 }, { drop });
      // Without scores all shares are halves: 1 and 0 at position 1, as before at position 2.
      expectClose(y, [2, 8, 3, 4]);
    });
  });

  it('gives the same in pieces, by the keys and values that were kept', () => {
    const weights = freshWeights();
    const layer = selfAttention(weights, { width: 4, heads: 2, initial: normal(1), initialOut: normal(0.5) });
    tf.tidy(() => {
      const rows = tf.randomNormal<tf.Rank.R2>([6, 4], 0, 1, 'float32', 3);
      const whole = valuesOf(tf.reshape(layer({ rows, batch: 2, length: 3 }, { mask: causalMask(3) }), [2, 3, 4]));
      let kept: KeysAndValues | undefined;
      const read = (fresh: KeysAndValues): KeysAndValues => {
        const { keys, values } = kept ?? fresh;
        const all = { keys: tf.concat([keys, fresh.keys], 2), values: tf.concat([values, fresh.values], 2) };
        return (kept = kept === undefined ? fresh : all);
      };
      const steps = [0, 1, 2].map((at) => {
        const now = tf.gather(tf.reshape(rows, [2, 3, 4]), [at], 1);
        return tf.reshape(layer({ rows: tf.reshape(now, [2, 4]), batch: 2, length: 1 }, { read }), [2, 1, 4]);
      });
      expectClose(tf.concat(steps, 1), whole, 1e-5);
    });
  });
});

describe('crossAttention', () => {
  const log3 = Math.log(3);

  it('mixes the values of the one by the queries of the other', () => {
    const weights = freshWeights();
    const { keysAndValues, attend } = crossAttention(weights, { width: 2, heads: 2, initial: constant(0) });
    // kv of the rows 1 0 and 0 1: k1 k2 v1 v2 of each; q of the row 1 1 is log 3 in head 1 and 0 in head 2.
    assign(weights, { 'q/kernel': [log3, 0, 0, 0], 'kv/kernel': [1, 5, 4, 6, 0, 7, 8, 10], 'out/kernel': [1, 0, 0, 1], 'out/bias': [0, 1] }); // prettier-ignore
    tf.tidy(() => {
      const memory = keysAndValues({ rows: tf.tensor2d([1, 0, 0, 1], [2, 2]), batch: 1, length: 2 });
      const queries = { rows: tf.tensor2d([[1, 1]]), batch: 1, length: 1 };
      // Head 1: 3/4 of 4 and 1/4 of 8. Head 2: half of 6 and half of 10, plus the bias.
      expectClose(attend(queries, memory), [5, 9]);
      expectClose(attend(queries, memory, paddingMask(tf.tensor2d([[4, 0]], [1, 2], 'int32'))), [4, 7]);
    });
    expect(weights.all.map(({ name }) => name)).toEqual(
      ['q', 'kv', 'out'].flatMap((layer) => [`layer/${layer}/kernel`, `layer/${layer}/bias`]),
    );
  });
});

describe('masks', () => {
  it('are 0 for what may be read and so low elsewhere that nothing is left of it', () => {
    tf.tidy(() => {
      expectClose(causalMask(3), [0, -1e9, -1e9, 0, 0, -1e9, 0, 0, 0]);
      const mask = paddingMask(tf.tensor2d([[5, 0], [1, 2]], [2, 2], 'int32')); // prettier-ignore
      expect(mask.shape).toEqual([2, 1, 1, 2]);
      expectClose(mask, [0, -1e9, 0, 0]);
    });
  });
});
