import * as tf from '@tensorflow/tfjs';

const { layers } = tf;

const convolution = (x, filters, kernelSize, strides = 1) =>
  layers.conv2d({ filters, kernelSize, strides, padding: 'same', useBias: false }).apply(x);
const normalized = (x) => layers.batchNormalization().apply(x);
const relu = (x) => layers.reLU().apply(x);

function block(x, filters, strides) {
  let y = relu(normalized(convolution(x, filters, 3, strides)));
  y = normalized(convolution(y, filters, 3));
  const isSame = strides === 1 && x.shape[3] === filters;
  const shortcut = isSame ? x : normalized(convolution(x, filters, 1, strides));
  return relu(layers.add().apply([y, shortcut]));
}

/** ResNet-18 for 32x32 images: a 3x3 stem without pooling, then four stages of two blocks. */
export function residualNetwork(classes) {
  const inputs = tf.input({ shape: [32, 32, 3] });
  let x = relu(normalized(convolution(inputs, 64, 3)));
  for (const [filters, strides] of [
    [64, 1],
    [128, 2],
    [256, 2],
    [512, 2],
  ]) {
    x = block(x, filters, strides);
    x = block(x, filters, 1);
  }
  const pooled = layers.globalAveragePooling2d({}).apply(x);
  const outputs = /** @type {tf.SymbolicTensor} */ (layers.dense({ units: classes }).apply(pooled));
  return tf.model({ inputs, outputs });
}
