import * as tf from '@tensorflow/tfjs-core';
import type { RandomStream } from './random.js';
import { stepInput } from './stepInput.js';

/** The part of tfjs-node's backend that runs a TensorFlow op by name. */
interface NativeBackend {
  executeSingleOutput(name: string, attributes: readonly object[], inputs: readonly tf.Tensor[]): tf.Tensor;
  readonly binding: Readonly<Record<'TF_ATTR_TYPE' | 'TF_FLOAT' | 'TF_INT32', number>>;
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

/**
 * Each tensor, or zeros where `chosen` says no at the time of the replay: for steps that are recorded, so on the native
 * backend alone. TensorFlow's SelectV2, which a graph turns into a branch: what is not chosen is not computed.
 */
export function chosenOrZeros(tensors: readonly tf.Tensor[], chosen: () => readonly boolean[]): tf.Tensor[] {
  const native = nativeBackend() as NativeBackend;
  const { TF_ATTR_TYPE, TF_FLOAT } = native.binding;
  const [choices] = stepInput(() => [tf.tensor1d([...chosen()], 'bool')]);
  const attributes = [{ name: 'T', type: TF_ATTR_TYPE, value: TF_FLOAT }];
  return tf
    .unstack(choices)
    .map((choice, i) =>
      native.executeSingleOutput('SelectV2', attributes, [
        choice,
        tensors[i] as tf.Tensor,
        tf.zeros((tensors[i] as tf.Tensor).shape),
      ]),
    );
}

/**
 * Numbers uniform in [0, 1), float32, for each use the same of the same stream: TensorFlow's StatelessRandomUniform,
 * keyed by the stream, where the native backend is, one op; elsewhere those of `random.uniform`, drawn one by one in
 * JavaScript, 0.1 us each. The numbers differ between the two.
 */
export function uniformNumbers(random: RandomStream, shape: readonly number[]): tf.Tensor {
  const native = nativeBackend();
  if (native === undefined) return random.uniform(shape);
  const { TF_ATTR_TYPE, TF_FLOAT, TF_INT32 } = native.binding;
  const type = (name: string, value: number): object => ({ name, type: TF_ATTR_TYPE, value });
  const attributes = [type('dtype', TF_FLOAT), type('T', TF_INT32), type('Tseed', TF_INT32)];
  return tf.tidy(() => {
    const [key] = stepInput(() => [tf.tensor1d(keyOf(random), 'int32')]);
    return native.executeSingleOutput('StatelessRandomUniform', attributes, [tf.tensor1d([...shape], 'int32'), key]);
  });
}

const keyOf = (random: RandomStream): number[] =>
  Array.from(random.uniforms(2), (uniform) => Math.floor(uniform * 2 ** 31));
