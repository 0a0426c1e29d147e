// The models of the benchmark, each with a batch of random data and one to hold out.
import { lossOfOutputs } from '@flatmin/core';
import { crossEntropyPerExample, encodeLabels } from '@flatmin/training';
import * as tf from '@tensorflow/tfjs';
import { residualNetwork } from './residualNetwork.mjs';
import { visionTransformer } from './visionTransformer.mjs';

const classes = 10;
const { layers } = tf;

/** Dense layers of these widths with ReLU between, as variables and ops: [[weights, biases], ...] first to last. */
export function perceptron(widths) {
  const variables = widths.slice(1).flatMap((width, i) => {
    const kernel = tf.tidy(() => tf.randomNormal([widths[i], width], 0, Math.sqrt(2 / widths[i]), 'float32', i + 1));
    const made = [
      tf.variable(kernel, true, `dense${i}/kernel`),
      tf.variable(tf.zeros([width]), true, `dense${i}/bias`),
    ];
    kernel.dispose();
    return made;
  });
  const apply = (x) => {
    let h = x;
    for (let i = 0; i < variables.length; i += 2) {
      h = tf.add(tf.matMul(h, variables[i]), variables[i + 1]);
      if (i + 2 < variables.length) h = tf.relu(h);
    }
    return h;
  };
  return { variables, statistics: [], apply, dispose: () => tf.dispose(variables) };
}

/** A tf.layers model in training mode: its trainable variables, and the statistics that a pass moves. */
export function layersModel(net) {
  const valuesOf = (weights) => weights.map(({ val }) => val);
  return {
    variables: valuesOf(net.trainableWeights),
    statistics: valuesOf(net.nonTrainableWeights),
    apply: (x) => net.apply(x, { training: true }),
    dispose: () => net.dispose(),
  };
}

function convolutional() {
  const convolution = (filters, options = {}) =>
    layers.conv2d({ filters, kernelSize: 3, activation: 'relu', ...options });
  return layersModel(
    tf.sequential({
      layers: [
        convolution(32, { inputShape: [28, 28, 1] }),
        layers.maxPooling2d({ poolSize: 2 }),
        convolution(64),
        layers.maxPooling2d({ poolSize: 2 }),
        layers.flatten(),
        layers.dense({ units: classes }),
      ],
    }),
  );
}

/**
 * What is measured. `seconds` is the time that a model gets of a default run; `together` how many subjects, besides
 * those that others are compared with, live at once, since each holds copies of the weights; `defaults: 'targets'`
 * measures by default only what a target speaks of on every model, and that captured, where each step takes seconds.
 */
export const models = [
  { id: 'small', title: 'MLP 40-128-128-10, batch 64', input: [40], batch: 64, seconds: 60 },
  { id: 'large', title: 'MLP 784-512-512-10, batch 128', input: [784], batch: 128, seconds: 80 },
  { id: 'cnn', title: 'CNN, 2 convolutions, 28x28x1, batch 128', input: [28, 28, 1], batch: 128, seconds: 130 },
  {
    id: 'vit',
    title: 'ViT, patch 4, width 64, depth 2, 4 heads, 32x32x3, batch 32',
    input: [32, 32, 3],
    batch: 32,
    seconds: 120,
  },
  {
    id: 'resnet18',
    title: 'ResNet-18, 32x32x3, batch 32',
    input: [32, 32, 3],
    batch: 32,
    seconds: 300,
    together: 6,
    defaults: 'targets',
  },
];

const networks = {
  small: () => perceptron([40, 128, 128, classes]),
  large: () => perceptron([784, 512, 512, classes]),
  cnn: convolutional,
  vit: () => visionTransformer({ side: 32, patch: 4, width: 64, depth: 2, heads: 4, classes }),
  resnet18: () => layersModel(residualNetwork(classes)),
};

function randomBatch({ input, batch }, seed) {
  const x = tf.randomNormal([batch, ...input], 0, 1, 'float32', seed);
  /** @type {tf.Tensor1D} */
  const labels = tf.tidy(() => tf.randomUniform([batch], 0, classes, 'int32', seed + 1));
  const y = encodeLabels(labels, classes);
  labels.dispose();
  return { x, y };
}

/**
 * A model with its data and losses, which `dispose` frees.
 *
 * @param {{id?: string, input: number[], batch: number}} description one of {@link models}, or the like with a network.
 * @param network makes variables, statistics and apply.
 */
export function createModel(description, network = networks[description.id]) {
  const made = network();
  const { x, y } = randomBatch(description, 11);
  const heldOut = randomBatch(description, 13);
  const start = made.variables.map((variable) => variable.clone());
  const perExample = (logits, oneHot) => crossEntropyPerExample(oneHot, /** @type {tf.Tensor2D} */ (logits));
  const lossOn = (a, b) => lossOfOutputs(made.apply, perExample, a, b);
  return {
    ...made,
    id: description.id,
    x,
    y,
    lossOn,
    loss: lossOn(x, y),
    validationLoss: lossOn(heldOut.x, heldOut.y),
    parameters: made.variables.reduce((sum, { size }) => sum + size, 0),
    /** Every subject is measured near the same weights. */
    reset: () => made.variables.forEach((variable, i) => variable.assign(start[i])),
    dispose: () => {
      made.dispose();
      tf.dispose([x, y, heldOut.x, heldOut.y, start]);
    },
  };
}
