import * as tf from '@tensorflow/tfjs-core';

/** The variable of a name: not what every object has under it. */
export function registeredVariable(name: string): tf.Variable | undefined {
  const registered = tf.engine().registeredVariables;
  return Object.hasOwn(registered, name) ? registered[name] : undefined;
}

/** `tf.disposeVariables` frees variables without telling them. */
export const isGone = (variable: tf.Variable): boolean =>
  variable.isDisposed || registeredVariable(variable.name) !== variable;
