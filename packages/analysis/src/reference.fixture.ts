import { lossOfOutputs } from '@flatmin/core';
import { crossEntropyPerExample, encodeLabels } from '@flatmin/training';
import * as tf from '@tensorflow/tfjs-core';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { lossSurface, type LossSurface, type Vector } from './index.js';
import { normalizedLogits } from './surface/normalizedLogits.js';

interface Block {
  readonly eigenvalue: number;
  readonly trace: number;
}

/** What NumPy and SciPy make of a small network, in float64: `reference/make.py`. */
export interface Reference {
  readonly x: number[][];
  readonly y: number[];
  readonly parameters: readonly { readonly name: string; readonly shape: number[] }[];
  readonly weights: number[];
  readonly other: number[];
  readonly third: number[];
  readonly loss: number;
  readonly accuracy: number;
  readonly gradient: number[];
  readonly hessian: {
    readonly eigenvalues: number[];
    readonly trace: number;
    readonly layers: Readonly<Record<string, Block>>;
    readonly kernels: number;
  };
  readonly relu: { readonly eigenvalues: number[]; readonly trace: number };
  readonly gaussNewton: { readonly eigenvalues: number[]; readonly trace: number };
  readonly sharpness: Readonly<Record<string, number>> & { readonly rho: number };
  readonly normalizedLogits: { readonly loss: number; readonly scaledLoss: number };
  readonly line: readonly { readonly alpha: number; readonly loss: number }[];
  readonly trajectory: { readonly explained: number[] };
}

export const reference = JSON.parse(readFileSync(path.join(__dirname, '../reference/mlp.json'), 'utf8')) as Reference;

export const vector = (values: readonly number[]): Vector => Float32Array.from(values);

/** The network of the reference, as a surface in batches of these sizes. */
export async function referenceSurface({
  weights = reference.weights,
  batches = [24],
  outputScale = 1,
  isNormalized = false,
  activation = tf.tanh,
  eager = false,
}: {
  readonly weights?: readonly number[];
  readonly batches?: readonly number[];
  readonly outputScale?: number;
  readonly isNormalized?: boolean;
  readonly activation?: (x: tf.Tensor) => tf.Tensor;
  readonly eager?: boolean;
} = {}): Promise<{
  readonly surface: LossSurface;
  readonly variables: readonly tf.Variable[];
  readonly dispose: () => void;
}> {
  let at = 0;
  made += 1;
  const variables = reference.parameters.map(({ name, shape }) => {
    const size = tf.util.sizeFromShape(shape);
    const values = weights.slice(at, at + size);
    at += size;
    return tf.tidy(() => tf.variable(tf.tensor(values, shape), true, name.replace('/', `_${made}/`)));
  });
  const [w1, b1, w2, b2] = variables as [tf.Variable, tf.Variable, tf.Variable, tf.Variable];
  const outputs = (x: tf.Tensor): tf.Tensor2D => {
    const hidden = activation(tf.add(tf.matMul(x as tf.Tensor2D, w1 as tf.Tensor2D), b1));
    const logits = tf.mul(tf.add(tf.matMul(hidden as tf.Tensor2D, w2 as tf.Tensor2D), b2), outputScale);
    return (isNormalized ? normalizedLogits(logits) : logits) as tf.Tensor2D;
  };
  let start = 0;
  const data = batches.map((size): readonly [tf.Tensor, tf.Tensor] => {
    const rows = [start, (start += size)] as const;
    const y = tf.tidy(() => encodeLabels(tf.tensor1d(reference.y.slice(...rows), 'int32'), 3));
    return [tf.tensor2d(reference.x.slice(...rows)), y];
  });
  const surface = await lossSurface<readonly [tf.Tensor, tf.Tensor]>(
    (x, y) => lossOfOutputs(outputs, (z, t) => crossEntropyPerExample(t as tf.Tensor2D, z), x, y),
    data,
    {
      variables,
      eager,
      metrics: (x, y) => ({
        accuracy: tf.mean(tf.cast(tf.equal(tf.argMax(outputs(x), 1), tf.argMax(y, 1)), 'float32')),
      }),
    },
  );
  tf.dispose(data.flatMap((batch) => [...batch]));
  const dispose = (): void => {
    surface.dispose();
    tf.dispose(variables);
  };
  return { surface, variables, dispose };
}

/** TensorFlow.js wants another name for each variable that there ever was. */
let made = 0;
