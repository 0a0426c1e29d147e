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
