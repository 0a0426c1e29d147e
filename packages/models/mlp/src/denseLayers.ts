import type { RandomStream } from '@flatmin/core';
import { freeScope } from '@flatmin/model-blocks';
import * as tf from '@tensorflow/tfjs-core';

export type Activation = 'relu' | 'tanh';
export const activations = ['relu', 'tanh'] as const satisfies readonly Activation[];

/** `kernel` [in, out] and `bias` [out], both float32. */
export interface DenseLayer {
  readonly kernel: tf.Variable;
  readonly bias: tf.Variable;
}

/** One layer between each two neighbors of `sizes`: normal kernels, zero biases, all trainable. */
export function createLayers(
  sizes: readonly number[],
  activation: Activation,
  random: RandomStream,
): readonly DenseLayer[] {
  const scope = freeScope('mlp');
  return sizes.slice(1).map((outputs, i) => {
    const inputs = sizes[i] as number;
    const deviation = Math.sqrt(2 / (activation === 'relu' ? inputs : inputs + outputs));
    const normals = random
      .at('kernel')
      .at(i)
      .normals(inputs * outputs);
    const name = `${scope}/dense${i + 1}`;
    return tf.tidy(() => ({
      kernel: tf.variable(
        // Scaled here and not on the backend, so that the bits are the same on each.
        tf.tensor2d(
          Float32Array.from(normals, (value) => value * deviation),
          [inputs, outputs],
          'float32',
        ),
        true,
        `${name}/kernel`,
      ),
      bias: tf.variable(tf.zeros([outputs], 'float32'), true, `${name}/bias`),
    }));
  });
}
