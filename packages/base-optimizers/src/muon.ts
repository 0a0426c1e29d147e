import { FlatminError } from '@flatmin/core';
import { isDepthwise, isNamed, type ParameterInfo, show, squaredNorm } from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';
import type { UpdateRule } from './updateRule.js';

export interface MuonSettings {
  readonly momentum: number;
  readonly nesterov: boolean;
  /** Iterations of Newton-Schulz. */
  readonly steps: number;
}

/** Added to the norm of a matrix. */
const epsilon = 1e-7;
/** Of the polynomial a X + b (X X^T) X + c (X X^T)^2 X, steep at 0 and near 1 over most of [0, 1]. */
const [a, b, c] = [3.4445, -4.775, 2.0315] as const;

/**
 * Approximates U V^T of the singular value decomposition U S V^T of a matrix: after five steps, singular values are
 * between 0.68 and 1.14 where those of the matrix are at least a fiftieth of its norm. Computed in float32; the
 * official code iterates in bfloat16.
 *
 * The polynomial is odd, so a matrix and its transpose give the same: products are those of the smaller side.
 */
export function orthogonalized(matrix: tf.Tensor2D, steps: number): tf.Tensor2D {
  const [rows, columns] = matrix.shape;
  const isTall = rows > columns;
  let x: tf.Tensor2D = tf.div(matrix, tf.add(tf.sqrt(squaredNorm([matrix])), epsilon));
  for (let i = 0; i < steps; i++) {
    const gram: tf.Tensor2D = isTall ? tf.matMul(x, x, true) : tf.matMul(x, x, false, true);
    const mix: tf.Tensor2D = tf.add(tf.mul(b, gram), tf.mul(c, tf.matMul(gram, gram)));
    x = tf.add(tf.mul(a, x), isTall ? tf.matMul(x, mix) : tf.matMul(mix, x));
  }
  return x;
}

/** The matrix of a kernel [..., in, out]: a convolution's has a row for each place of the window and input channel. */
function asMatrix(kernel: tf.Tensor): tf.Tensor2D {
  return kernel.rank === 2 ? (kernel as tf.Tensor2D) : tf.reshape(kernel, [-1, kernel.shape.at(-1) as number]);
}

/**
 * Muon of matrices: B <- momentum B + (1 - momentum) g from B = 0, the update is U = (1 - momentum) g + momentum B, or
 * B without Nesterov's form, orthogonalized, and times the root of max(1, out / in).
 */
export function muonRule({ momentum, nesterov, steps }: MuonSettings): UpdateRule {
  return {
    id: 'muon',
    options: {}, // Its momentum is that of matrices alone.
    slots: ['B'],
    begin: (learningRate) => {
      const [mu, rest] = [tf.scalar(momentum), tf.scalar(1 - momentum)];
      return (theta, gradient, [before]) => {
        const own = tf.mul(rest, gradient);
        const next = tf.add(tf.mul(mu, before as tf.Tensor), own);
        const update = asMatrix(nesterov ? tf.add(own, tf.mul(mu, next)) : next);
        const [rows, columns] = update.shape;
        const size = tf.mul(learningRate, Math.sqrt(Math.max(1, columns / rows)));
        const step = tf.mul(size, orthogonalized(update, steps));
        return { theta: tf.sub(theta, tf.reshape(step, theta.shape)), slots: [next] };
      };
    },
  };
}

/**
 * Which parameters are matrices to Muon: kernels of rank 2 and more, but those that `exclude` names, and depthwise
 * ones, whose last axis is not that of outputs.
 *
 * @param exclude names, `*` for any characters; TF.js's `_1` at the end of a name does not count.
 */
export function ofMuon(exclude: readonly string[]): (parameters: readonly ParameterInfo[]) => readonly boolean[] {
  return (parameters) => {
    const kernels = parameters.filter(({ role, shape }) => role === 'kernel' && shape.length >= 2);
    const unused = exclude.findIndex((pattern) => !kernels.some(({ name }) => isNamed(pattern, name)));
    if (unused >= 0) {
      const known = kernels.map(({ name }) => name).join(', ');
      throw new FlatminError(
        'SPEC_INVALID',
        `exclude of muon has ${show(exclude[unused])}, and no kernel has such a name (${known}). ` +
          'Give the name of a kernel, with * for any characters.',
      );
    }
    const isOther = (kernel: ParameterInfo): boolean =>
      isDepthwise(kernel) || exclude.some((pattern) => isNamed(pattern, kernel.name));
    const matrices = new Set(kernels.filter((kernel) => !isOther(kernel)));
    return parameters.map((parameter) => matrices.has(parameter));
  };
}
