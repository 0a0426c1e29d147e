import * as tf from '@tensorflow/tfjs-core';

/** The part of tfjs-node's backend that runs a TensorFlow op by name. */
interface NativeBackend {
  executeSingleOutput(name: string, attributes: readonly object[], inputs: readonly tf.Tensor[]): tf.Tensor;
  readonly binding: { readonly TF_ATTR_TYPE: number; readonly TF_FLOAT: number };
}

function nativeBackend(): NativeBackend | undefined {
  const backend = tf.backend() as unknown as Partial<NativeBackend>;
  const runsOps = typeof backend.executeSingleOutput === 'function' && backend.binding !== undefined;
  return runsOps ? (backend as NativeBackend) : undefined;
}

/** The portable form of {@link halfSumOfSquares}: three ops, and a temporary as large as the tensor, freed at once. */
export function portableHalfSumOfSquares(tensor: tf.Tensor): tf.Scalar {
  return tf.tidy(() => tf.mul(tf.sum<tf.Scalar>(tf.square(tensor)), 0.5));
}

/**
 * 1/2 sum of x^2: TensorFlow's L2Loss where the native backend is, one op without a temporary, which is five times
 * faster on 670,000 weights. It has no gradient: it is for weight space only.
 */
export function halfSumOfSquares(tensor: tf.Tensor): tf.Scalar {
  const native = tensor.dtype === 'float32' ? nativeBackend() : undefined;
  if (native === undefined) return portableHalfSumOfSquares(tensor);
  const { TF_ATTR_TYPE, TF_FLOAT } = native.binding;
  return native.executeSingleOutput(
    'L2Loss',
    [{ name: 'T', type: TF_ATTR_TYPE, value: TF_FLOAT }],
    [tensor],
  ) as tf.Scalar;
}
