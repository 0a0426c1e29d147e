import * as tf from '@tensorflow/tfjs';

/** The part of tfjs-node's backend that runs a TensorFlow op by name. */
interface NativeBackend {
  executeMultipleOutputs(
    name: string,
    attributes: readonly object[],
    inputs: readonly tf.Tensor[],
    outputs: number,
  ): tf.Tensor[];
  readonly binding: Readonly<
    Record<'TF_ATTR_TYPE' | 'TF_ATTR_FLOAT' | 'TF_ATTR_STRING' | 'TF_ATTR_BOOL' | 'TF_FLOAT', number>
  >;
}

/** A batch with mean 0 and variance 1 in each channel, scaled and shifted, and what its mean and variance were. */
export interface NormalizedBatch {
  readonly y: tf.Tensor;
  readonly mean: tf.Tensor;
  /** The mean squared distance from the mean: divided by n, not by n - 1. */
  readonly variance: tf.Tensor;
}

/** Whether {@link batchNormTraining} can run here, on this. */
export function canFuseBatchNorm(x: tf.Tensor): boolean {
  const channels = x.shape.at(-1) ?? 0;
  return (
    tf.getBackend() === 'tensorflow' &&
    x.dtype === 'float32' &&
    (x.rank === 2 || x.rank === 4) &&
    // The variance of a single value is 0 / 0 to the kernels.
    x.size > channels &&
    // Its gradient is one op without a gradient of its own: within a second derivative, every op has to have one.
    tf.engine().state.gradientDepth < 2
  );
}

/**
 * Batch normalization in training, y = gamma (x - mean) / sqrt(variance + epsilon) + beta, with mean and variance of this batch
 * for each channel: TensorFlow's fused kernels, one op forward and one for all three gradients.
 *
 * @param x float32 [batch, channels] or [batch, height, width, channels]; see {@link canFuseBatchNorm}.
 * @param gamma float32 [channels], as `beta`.
 * @returns the gradient flows through `y` alone: mean and variance are for moving averages.
 */
export function batchNormTraining(x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor, epsilon: number): NormalizedBatch {
  return tf.tidy(() => {
    const images = x.rank === 4 ? x : tf.reshape(x, [x.shape[0], 1, 1, x.shape[1] as number]);
    const attributes = attributesOf(epsilon);
    const none = tf.zeros([0]);
    const forward = native().executeMultipleOutputs(
      'FusedBatchNormV3',
      attributes,
      [images, gamma, beta, none, none],
      6,
    );
    const [normalized, mean, unbiased, ...reserved] = forward as [tf.Tensor, tf.Tensor, tf.Tensor, ...tf.Tensor[]];
    const fused = tf.customGrad((...given) => {
      const save = given.pop() as tf.GradSaveFunc;
      save([images, gamma, ...reserved]);
      const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] =>
        native()
          .executeMultipleOutputs('FusedBatchNormGradV3', attributes, [dy, ...saved], 5)
          .slice(0, 3);
      return { value: normalized, gradFunc };
    });
    const y = fused(images, gamma, beta);
    const count = x.size / mean.size;
    return {
      y: x.rank === 4 ? y : tf.reshape(y, x.shape),
      mean,
      // The kernel divides by n - 1, as for a sample of a population.
      variance: tf.mul(unbiased, (count - 1) / count),
    };
  });
}

function native(): NativeBackend {
  return tf.backend() as unknown as NativeBackend;
}

function attributesOf(epsilon: number): readonly object[] {
  const { TF_ATTR_TYPE, TF_ATTR_FLOAT, TF_ATTR_STRING, TF_ATTR_BOOL, TF_FLOAT } = native().binding;
  return [
    { name: 'T', type: TF_ATTR_TYPE, value: TF_FLOAT },
    { name: 'U', type: TF_ATTR_TYPE, value: TF_FLOAT },
    { name: 'epsilon', type: TF_ATTR_FLOAT, value: epsilon },
    { name: 'data_format', type: TF_ATTR_STRING, value: 'NHWC' },
    { name: 'is_training', type: TF_ATTR_BOOL, value: true },
  ];
}
