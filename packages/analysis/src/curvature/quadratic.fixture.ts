import { RandomStream } from '@flatmin/core';
import * as tf from '@tensorflow/tfjs-core';
import { lossSurface } from '../surface/createSurface.js';
import type { LossSurface } from '../surface/lossSurface.js';

/** A symmetric matrix with these eigenvalues: turned by products of Householder reflections. */
export function symmetric(eigenvalues: readonly number[], seed = 0): Float32Array[] {
  const n = eigenvalues.length;
  let matrix: Float64Array[] = eigenvalues.map((value, i) =>
    Float64Array.from({ length: n }, (_, j) => (i === j ? value : 0)),
  );
  for (let turn = 0; turn < 3; turn++) {
    const v = new RandomStream(seed).at(turn).normals(n);
    const squared = v.reduce((sum, x) => sum + x * x, 0);
    const reflect = (x: Float64Array): Float64Array => {
      const along = (2 * x.reduce((sum, each, i) => sum + each * (v[i] as number), 0)) / squared;
      return x.map((each, i) => each - along * (v[i] as number));
    };
    matrix = matrix.map(reflect);
    const columns = matrix.map((_, j) => Float64Array.from(matrix, (row) => row[j] as number)).map(reflect);
    matrix = matrix.map((_, i) => Float64Array.from(columns, (column) => column[i] as number));
  }
  return matrix.map((row) => Float32Array.from(row));
}

/** L(theta) = theta^T A theta / 2 over two variables, with its minimum at 0. */
export async function quadratic(
  matrix: readonly Float32Array[],
  at: readonly number[],
): Promise<{ readonly surface: LossSurface; readonly dispose: () => void }> {
  const n = matrix.length;
  const half = Math.floor(n / 2);
  const variables = tf.tidy(() => [
    tf.variable(tf.tensor1d(at.slice(0, half))),
    tf.variable(tf.tensor2d([at.slice(half)])),
  ]);
  const a = tf.tensor2d(matrix.map((row) => Array.from(row)));
  const lossOf = (m: tf.Tensor) => (): tf.Scalar => {
    const theta = tf.concat(variables.map((variable) => tf.reshape(variable, [-1, 1]))) as tf.Tensor2D;
    return tf.mul(0.5, tf.sum(tf.mul(theta, tf.matMul(m as tf.Tensor2D, theta))));
  };
  const surface = await lossSurface(lossOf, [[a]], { variables });
  a.dispose();
  const dispose = (): void => {
    surface.dispose();
    tf.dispose(variables);
  };
  return { surface, dispose };
}
