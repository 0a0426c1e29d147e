import { batchNorm, chain, convolution, dropout, type ImageLayer, relu, type Weights } from '@flatmin/model-blocks';
import * as tf from '@tensorflow/tfjs-core';

export interface BlockShape {
  readonly inputs: number;
  readonly outputs: number;
  readonly stride: number;
}

/** A residual block: what a network of its kind is stacked of. */
export type Block = (weights: Weights, shape: BlockShape) => ImageLayer;

/** relu(f(x) + shortcut(x)); f is two 3x3 convolutions, each normalized, with relu between them. */
export const basicBlock: Block = (weights, { inputs, outputs, stride }) => {
  const residual = chain(
    convolution(weights.at('conv1'), { inputs, outputs, size: 3, stride }),
    batchNorm(weights.at('norm1'), outputs),
    relu,
    convolution(weights.at('conv2'), { inputs: outputs, outputs, size: 3 }),
    batchNorm(weights.at('norm2'), outputs),
  );
  return chain(added(residual, projection(weights, { inputs, outputs, stride })), relu);
};

/**
 * relu(f(x) + shortcut(x)); f is convolutions of 1x1, 3x3 (with the stride) and 1x1, the first two with a quarter of
 * the channels.
 */
export const bottleneckBlock: Block = (weights, { inputs, outputs, stride }) => {
  const inner = outputs / 4;
  const residual = chain(
    convolution(weights.at('conv1'), { inputs, outputs: inner, size: 1 }),
    batchNorm(weights.at('norm1'), inner),
    relu,
    convolution(weights.at('conv2'), { inputs: inner, outputs: inner, size: 3, stride }),
    batchNorm(weights.at('norm2'), inner),
    relu,
    convolution(weights.at('conv3'), { inputs: inner, outputs, size: 1 }),
    batchNorm(weights.at('norm3'), outputs),
  );
  return chain(added(residual, projection(weights, { inputs, outputs, stride })), relu);
};

/**
 * f(z) + x with z = relu(norm(x)), f a convolution, normalization, relu, dropout at `rate`, convolution. Where the
 * shape changes, the shortcut is a 1x1 convolution of z, as in the paper's code.
 */
export const preActivationBlock =
  (rate: number): Block =>
  (weights, { inputs, outputs, stride }) => {
    const activated = chain(batchNorm(weights.at('norm1'), inputs), relu);
    const residual = chain(
      convolution(weights.at('conv1'), { inputs, outputs, size: 3, stride }),
      batchNorm(weights.at('norm2'), outputs),
      relu,
      dropout(weights.at('dropout'), rate) as ImageLayer,
      convolution(weights.at('conv2'), { inputs: outputs, outputs, size: 3 }),
    );
    if (inputs === outputs && stride === 1)
      return (x, training) => tf.add(residual(activated(x, training), training), x);
    const shortcut = convolution(weights.at('shortcut'), { inputs, outputs, size: 1, stride });
    return chain(activated, added(residual, shortcut));
  };

/**
 * f(x) + x, without a relu at the end; f is a normalization before, between and after two 3x3 convolutions, with one
 * relu before the second. The shortcut has no weights: 2x2 means at a stride of 2, and zeros in the channels that are
 * new.
 */
export const pyramidBlock: Block = (weights, { inputs, outputs, stride }) => {
  const residual = chain(
    batchNorm(weights.at('norm1'), inputs),
    convolution(weights.at('conv1'), { inputs, outputs, size: 3, stride }),
    batchNorm(weights.at('norm2'), outputs),
    relu,
    convolution(weights.at('conv2'), { inputs: outputs, outputs, size: 3 }),
    batchNorm(weights.at('norm3'), outputs),
  );
  // 'same' means of an odd side take what is there, as in the paper's code.
  const pooled: ImageLayer = stride === 1 ? (x) => x : (x) => tf.avgPool(x, stride, stride, 'same');
  const missing = outputs - inputs;
  const filled: ImageLayer = (x) =>
    missing === 0
      ? x
      : tf.pad(x, [
          [0, 0],
          [0, 0],
          [0, 0],
          [0, missing],
        ]);
  return added(residual, chain(pooled, filled));
};

function added(residual: ImageLayer, shortcut: ImageLayer): ImageLayer {
  return (x, training) => tf.add(residual(x, training), shortcut(x, training));
}

/** x itself, or a normalized 1x1 convolution of it where the shape changes. */
function projection(weights: Weights, { inputs, outputs, stride }: BlockShape): ImageLayer {
  if (inputs === outputs && stride === 1) return (x) => x;
  return chain(
    convolution(weights.at('shortcut'), { inputs, outputs, size: 1, stride }),
    batchNorm(weights.at('shortcutNorm'), outputs),
  );
}
