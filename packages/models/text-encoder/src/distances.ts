import type { Initializer, Weights } from '@flatmin/model-blocks';
import * as tf from '@tensorflow/tfjs-core';

export interface DistanceShape {
  /** k: distances from k on share a row, and those from -k on. */
  readonly span: number;
  readonly width: number;
  readonly initial: Initializer;
}

/**
 * A row for each distance i - j of two positions: row delta(i, j) of 2k, where delta is 0 for i - j <= -k, 2k - 1 for
 * i - j >= k, and i - j + k between (He et al. 2021, equation 3).
 *
 * @returns for sequences of n positions the rows of the distances n - 1, n - 2, ..., -n: [2n, width].
 */
export function distanceRows(weights: Weights, { span, width, initial }: DistanceShape): (n: number) => tf.Tensor2D {
  const table = weights.trained('embeddings', [2 * span, width], initial) as unknown as tf.Tensor2D;
  return (n) => {
    const near = Math.min(n, span);
    const rows = tf.reverse<tf.Tensor2D>(tf.slice(table, [span - near, 0], [2 * near, width]), 0);
    if (n <= span) return rows;
    // A product and not tf.tile, whose gradient takes two ops for each copy.
    const copies = tf.ones<tf.Rank.R2>([n - span, 1]);
    const far = (row: number) => tf.matMul<tf.Tensor2D>(copies, tf.slice(rows, [row, 0], [1, width]));
    return tf.concat<tf.Tensor2D>([far(0), rows, far(2 * span - 1)]);
  };
}

/**
 * Scores of n positions with the distances n - 1, ..., -n, to scores of pairs: from [groups, n, 2n] to [groups, n, n],
 * where column j of row i is the score of position i with the distance i - j.
 *
 * Row i of the pairs are n neighbors, which start at column n - 1 - i: so reshaping to rows one number shorter sets
 * them below each other. Two slices, where a gather's gradient would be a sum by index over groups x n x n numbers.
 */
export function byPair(scores: tf.Tensor3D): tf.Tensor3D {
  const [groups, n] = scores.shape;
  // Row i, column n - 1 - i + j is number 2n i + n - 1 - i + j = (2n - 1) i + j from number n - 1 on.
  const shifted = tf.slice(tf.reshape(scores, [groups, 2 * n * n]), [0, n - 1], [groups, (2 * n - 1) * n]);
  return tf.slice<tf.Rank.R3, tf.Tensor3D>(tf.reshape(shifted, [groups, n, 2 * n - 1]), [0, 0, 0], [groups, n, n]);
}
