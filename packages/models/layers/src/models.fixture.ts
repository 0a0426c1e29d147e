import * as tf from '@tensorflow/tfjs';

/** Kernels that are the same in every model of a test. */
const drawn = (seed: number) => tf.initializers.glorotUniform({ seed });

/** 2 -> 4 -> 3, softmax. */
export function classifier(): tf.Sequential {
  return tf.sequential({
    layers: [
      tf.layers.dense({ units: 4, inputShape: [2], activation: 'tanh', kernelInitializer: drawn(1) }),
      tf.layers.dense({ units: 3, activation: 'softmax', kernelInitializer: drawn(2) }),
    ],
  });
}

/** Batch normalization of the inputs themselves, whose averages no weight can move; then 1 -> 1. */
export function normalizing(): tf.Sequential {
  return tf.sequential({
    layers: [
      tf.layers.batchNormalization({ inputShape: [1], momentum: 0.9 }),
      tf.layers.dense({ units: 1, kernelInitializer: drawn(3) }),
    ],
  });
}

/** Two inputs, two outputs, regularized kernels, and a batch normalization that does depend on weights. */
export function twoHeaded(): tf.LayersModel {
  const inputs = [tf.input({ shape: [2], name: 'left' }), tf.input({ shape: [1], name: 'right' })];
  const dense = (units: number, seed: number, more: object): tf.layers.Layer => {
    const kernelRegularizer = tf.regularizers.l2({ l2: 0.01 * seed });
    return tf.layers.dense({ units, kernelInitializer: drawn(seed), kernelRegularizer, ...more });
  };
  const joined = tf.layers.concatenate().apply(inputs) as tf.SymbolicTensor;
  const hidden = tf.layers
    .batchNormalization()
    .apply(dense(4, 4, { activation: 'tanh' }).apply(joined)) as tf.SymbolicTensor;
  const classes = dense(3, 5, { activation: 'softmax', name: 'classes' }).apply(hidden) as tf.SymbolicTensor;
  const values = dense(2, 6, { name: 'values' }).apply(hidden) as tf.SymbolicTensor;
  return tf.model({ inputs, outputs: [classes, values] });
}

/** Six examples: two inputs, a third one, classes one-hot and by index, two values. */
export function examples() {
  const classes = [0, 1, 2, 1, 0, 2];
  return {
    x: tf.tensor2d([[1, 0.5], [-1, 2], [0.3, -0.7], [2, 1], [-0.4, -1.5], [0.9, 0.1]]), // prettier-ignore
    right: tf.tensor2d([[0.2], [-0.6], [1.1], [0.4], [-0.9], [0.7]]),
    classes: tf.oneHot(tf.tensor1d(classes, 'int32'), 3).toFloat() as tf.Tensor2D,
    indices: tf.tensor2d(classes, [6, 1]),
    values: tf.tensor2d([[0.1, 1], [0.7, -1], [-0.2, 0.4], [1.2, 0], [0.5, 0.5], [-0.8, 0.3]]), // prettier-ignore
  };
}

/** Every weight of a model, statistics included, as numbers. */
export function weightsOf(model: tf.LayersModel): number[][] {
  return model.getWeights().map((weight) => [...weight.dataSync()]);
}

/** How many tensors each of `times` runs of `action` leaves behind. */
export async function growth(times: number, action: () => Promise<unknown>): Promise<number[]> {
  const grown: number[] = [];
  for (let i = 0; i < times; i++) {
    const before = tf.memory().numTensors;
    tf.dispose((await action()) as tf.TensorContainer);
    grown.push(tf.memory().numTensors - before);
  }
  return grown;
}

/** The model as it comes back from storage. */
export async function reloaded(model: tf.LayersModel): Promise<tf.LayersModel> {
  let artifacts: tf.io.ModelArtifacts = {};
  const handler = tf.io.withSaveHandler(async (given) => {
    artifacts = given;
    return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
  });
  await model.save(handler, { includeOptimizer: true });
  return tf.loadLayersModel(tf.io.fromMemory(artifacts));
}

/** True where the gradients of convolutions and embeddings are missing. */
export const onWasm = process.env.FLATMIN_BACKEND === 'wasm';
