import { constant } from '@flatmin/model-blocks';
import { afterEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import * as fc from 'fast-check';
import { assign, disposeAll, expectClose, freshWeights, valuesOf } from '../../blocks/src/testing.fixture.js';
import { byPair, distanceRows } from './distances.js';

afterEach(disposeAll);

describe('distanceRows', () => {
  // k = 2: the rows of the distances -2 and less, -1, 0, 1 and more.
  const made = () => {
    const weights = freshWeights();
    const rows = distanceRows(weights, { span: 2, width: 1, initial: constant(0) });
    assign(weights, { embeddings: [-20, -10, 0, 10] });
    return { weights, rows };
  };

  it.each([
    [1, [0, -10]],
    [2, [10, 0, -10, -20]],
    [4, [10, 10, 10, 0, -10, -20, -20, -20]],
  ])('for %d positions', (n, expected) => {
    tf.tidy(() => {
      const rows = made().rows(n);
      expect(rows.shape).toEqual([2 * n, 1]);
      expectClose(rows, expected);
    });
  });

  it('have for a gradient the sum over the distances that share a row', () => {
    tf.tidy(() => {
      const { weights, rows } = made();
      const along = tf.tensor2d([1, 2, 4, 8, 16, 32, 64, 128], [8, 1]);
      const { grads } = tf.variableGrads(() => tf.sum<tf.Scalar>(tf.mul(rows(4), along)));
      expect(weights.all).toHaveLength(1);
      expectClose(grads['layer/embeddings'] as tf.Tensor, [224, 16, 8, 7]);
    });
  });
});

describe('byPair', () => {
  it('is worked by hand for two positions', () => {
    tf.tidy(() => {
      // Columns: distances 1, 0, -1, -2. Position 0 has itself (0) and the next (-1); position 1 the one before (1) and
      // itself (0).
      expectClose(byPair(tf.tensor3d([1, 2, 3, 4, 5, 6, 7, 8], [1, 2, 4])), [2, 3, 5, 6]);
    });
  });

  it('takes the score of the distance i - j, and nothing else has a gradient', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 3 }), (n, groups) => {
        tf.tidy(() => {
          const scores = Array.from({ length: groups * n * 2 * n }, (_, i) => i);
          const expected: number[] = [];
          const slope = scores.map(() => 0);
          for (let group = 0; group < groups; group++) {
            for (let i = 0; i < n; i++) {
              for (let j = 0; j < n; j++) {
                const at = (group * n + i) * 2 * n + (n - 1 - (i - j));
                slope[at] = expected.length + 1;
                expected.push(scores[at] as number);
              }
            }
          }
          const x = tf.tensor3d(scores, [groups, n, 2 * n]);
          expect(valuesOf(byPair(x))).toEqual(expected);
          const along = tf.tensor3d(expected.map((_, i) => i + 1), [groups, n, n]); // prettier-ignore
          const gradient = tf.grad((given) => tf.sum(tf.mul(byPair(given as tf.Tensor3D), along)))(x);
          expect(valuesOf(gradient)).toEqual(slope);
        });
      }),
      { numRuns: 30 },
    );
  });
});
