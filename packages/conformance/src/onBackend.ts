import * as tf from '@tensorflow/tfjs-core';

/** Runs a part on a backend, and goes back to the one before; undefined is the current one. */
export async function onBackend<T>(name: string | undefined, part: () => Promise<T>): Promise<T> {
  const before = tf.getBackend();
  if (name === undefined || name === before) return part();
  if (tf.findBackendFactory(name) === null) {
    throw new Error(`The backend '${name}' is not registered. Import its package before the tests.`);
  }
  if (!(await tf.setBackend(name))) throw new Error(`The backend '${name}' does not start here.`);
  try {
    return await part();
  } finally {
    await tf.setBackend(before);
  }
}
