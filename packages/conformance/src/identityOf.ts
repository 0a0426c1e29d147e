import * as tf from '@tensorflow/tfjs-core';

/** True where a clone shares the data of its tensor; wasm's copies. */
function clonesShareData(): boolean {
  return tf.tidy(() => {
    const tensor = tf.tensor1d([1]);
    return tensor.clone().dataId === tensor.dataId;
  });
}

/**
 * What tells whether a variable still holds the same: the data itself, or, on a backend that copies where TF.js clones, the
 * numbers.
 */
export function identityOf(): (variable: tf.Variable) => unknown {
  return clonesShareData() ? ({ dataId }) => dataId : (variable) => variable.dataSync().join();
}
