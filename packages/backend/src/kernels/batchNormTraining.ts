import * as tf from '@tensorflow/tfjs';

/** The part of tfjs-node's backend that runs a TensorFlow op by name. */
interface NativeBackend {
  executeMultipleOutputs(
    name: string,
    attributes: readonly object[],
    inputs: readonly tf.TensorInfo[],
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

const kernelName = 'flatmin/BatchNormTraining';

/** Whether {@link batchNormTraining} can run here, on this. */
export function canFuseBatchNorm(x: tf.Tensor): boolean {
  const channels = x.shape.at(-1) ?? 0;
  return (
    tf.getKernel(kernelName, tf.getBackend()) !== undefined &&
    x.dtype === 'float32' &&
    (x.rank === 2 || x.rank === 4) &&
    // The variance of a single value is 0 / 0 to the kernels.
    x.size > channels &&
    // Its gradient is one op without a gradient of its own: within a second derivative, every op has to have one.
    tf.engine().state.gradientDepth < 2
  );
}

/**
 * Batch normalization in training, y = gamma (x - mean) / sqrt(variance + epsilon) + beta, with mean and variance of
 * this batch for each channel: TensorFlow's fused kernels, one op forward and one for all three gradients.
 *
 * @param x float32 [batch, channels] or [batch, height, width, channels]; see {@link canFuseBatchNorm}.
 * @param gamma float32 [channels], as `beta`.
 * @returns the gradient flows through `y` alone: mean and variance are for moving averages.
 */
export function batchNormTraining(x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor, epsilon: number): NormalizedBatch {
  return tf.tidy(() => {
    const images = x.rank === 4 ? x : tf.reshape(x, [x.shape[0], 1, 1, x.shape[1] as number]);
    const outputs: tf.Tensor[] = tf.engine().runKernel(kernelName, { x: images, gamma, beta }, { epsilon });
    const [y, mean, variance] = outputs as [tf.Tensor, tf.Tensor, tf.Tensor];
    return { y: x.rank === 4 ? y : tf.reshape(y, x.shape), mean, variance };
  });
}

let registered = false;

/**
 * Registers the fused kernels and their gradient with TF.js under a name of ours, where models find them without
 * knowing this package: inputs x of rank 4, gamma and beta, attribute epsilon; outputs y, mean, variance, and three
 * more that the gradient takes.
 */
export function registerBatchNormTraining(): void {
  if (registered) return;
  registered = true;
  tf.registerKernel({
    kernelName,
    backendName: 'tensorflow',
    kernelFunc: ({ inputs, attrs }) => forward(inputs as Inputs, attrs?.['epsilon'] as number),
  });
  tf.registerGradient({
    kernelName,
    inputsToSave: ['x', 'gamma'],
    outputsToSave: [false, false, false, true, true, true],
    gradFunc: (dy, saved, attributes) => {
      const [ofY] = dy as [tf.Tensor];
      const inputs = [ofY, ...saved];
      const all = native().executeMultipleOutputs(
        'FusedBatchNormGradV3',
        attributesOf(attributes['epsilon'] as number),
        inputs,
        5,
      );
      const [x, gamma, beta] = all as [tf.Tensor, tf.Tensor, tf.Tensor];
      return { x: () => x, gamma: () => gamma, beta: () => beta };
    },
  });
}

type Inputs = Readonly<Record<'x' | 'gamma' | 'beta', tf.TensorInfo>>;

function forward({ x, gamma, beta }: Inputs, epsilon: number): tf.Tensor[] {
  const none = tf.zeros([0]);
  const inputs = [x, gamma, beta, none, none];
  const outputs = native().executeMultipleOutputs('FusedBatchNormV3', attributesOf(epsilon), inputs, 6);
  const [y, mean, unbiased, ...reserved] = outputs as [tf.Tensor, tf.Tensor, tf.Tensor, ...tf.Tensor[]];
  const count = y.size / mean.size;
  // The kernel divides by n - 1, as for a sample of a population.
  const variance = tf.mul(unbiased, (count - 1) / count);
  tf.dispose([none, unbiased]);
  return [y, mean, variance, ...reserved];
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
