import * as tf from '@tensorflow/tfjs-core';

/**
 * Another tensor of the same data. `clone` means that too, but copies on the wasm backend. The caller's scope frees it.
 */
export function alias(tensor: tf.Tensor): tf.Tensor {
  const backend = tf.backend();
  // Data that another backend holds, as after tf.setBackend, is moved by what clone does.
  if (backend.refCount(tensor.dataId) === 0) return tensor.clone();
  backend.incRef(tensor.dataId);
  return tf.engine().makeTensorFromDataId(tensor.dataId, tensor.shape, tensor.dtype, backend);
}

/** The variable of a name: not what every object has under it. */
export function registeredVariable(name: string): tf.Variable | undefined {
  const registered = tf.engine().registeredVariables;
  return Object.hasOwn(registered, name) ? registered[name] : undefined;
}

/** `tf.disposeVariables` frees variables without telling them. */
export const isGone = (variable: tf.Variable): boolean =>
  variable.isDisposed || registeredVariable(variable.name) !== variable;

/** `instanceof tf.Tensor`, without the `any` in its type. */
export function isTensor(value: unknown): value is tf.Tensor {
  return value instanceof tf.Tensor;
}

/** What a kernel of WebGPU can read at once: 8 buffers are bound to one, and the result is among them. */
const webgpuTerms = 7;

/**
 * The sum of tensors of one shape, in one op. On WebGPU in several where there are more than seven: TensorFlow.js does
 * not divide its AddN, whose result is then whatever the buffer held.
 */
export function sumOf<T extends tf.Tensor>(terms: readonly T[]): T {
  if (terms.length <= webgpuTerms || tf.getBackend() !== 'webgpu') return tf.addN(terms as T[]);
  return tf.tidy(() => {
    const sums = Array.from({ length: Math.ceil(terms.length / webgpuTerms) }, (_, i) =>
      tf.addN(terms.slice(i * webgpuTerms, (i + 1) * webgpuTerms)),
    );
    return sumOf(sums);
  });
}
