import { batchNorm, chain, convolution, type ImageLayer, padded, relu, type Weights } from '@flatmin/model-blocks';
import * as tf from '@tensorflow/tfjs-core';
import { basicBlock, type Block, bottleneckBlock, preActivationBlock, pyramidBlock } from './residualBlocks.js';

export const architectures = ['resnet-18', 'wrn-28-10', 'pyramidnet-110', 'resnet-50'] as const;
export type Architecture = (typeof architectures)[number];

/** A network up to the mean over positions. */
export interface Trunk {
  readonly layer: ImageLayer;
  /** Channels that the layer gives. */
  readonly outputs: number;
}

/** The numbers of channels that are built, from those of the paper. */
type Scale = (channels: number) => number;
type TrunkOf = (weights: Weights, inputs: number, scale: Scale, dropout: number) => Trunk;

/** How each network is built; the variables are named and ordered from the input on. */
export const trunks: Readonly<Record<Architecture, TrunkOf>> = {
  'resnet-18': (weights, inputs, scale) => {
    const stem = normalized(weights.at('stem'), { inputs, outputs: scale(64), size: 3 });
    const channels = [64, 128, 256, 512].map(scale);
    const body = stages(weights, {
      block: basicBlock,
      inputs: scale(64),
      stages: channels.map((each) => [each, each]),
    });
    return { layer: chain(stem, relu, body), outputs: channels[3] as number };
  },

  'resnet-50': (weights, inputs, scale) => {
    const stem = normalized(weights.at('stem'), { inputs, outputs: scale(64), size: 7, stride: 2 });
    const depths = [3, 4, 6, 3];
    // Four times the channels of the convolutions inside the block.
    const channels = [64, 128, 256, 512].map((each) => 4 * scale(each));
    const body = stages(weights, {
      block: bottleneckBlock,
      inputs: scale(64),
      stages: channels.map((each, i) => Array<number>(depths[i] as number).fill(each)),
    });
    return { layer: chain(stem, relu, maxPool, body), outputs: channels[3] as number };
  },

  'wrn-28-10': (weights, inputs, scale, dropout) => {
    const stem = convolution(weights.at('stem'), { inputs, outputs: scale(16), size: 3 });
    // 28 = 4 + 3 stages of 4 blocks of 2 convolutions; 10 times the 16, 32, 64 of the thin network.
    const channels = [160, 320, 640].map(scale);
    const body = stages(weights, {
      block: preActivationBlock(dropout),
      inputs: scale(16),
      stages: channels.map((each) => [each, each, each, each]),
    });
    const outputs = channels[2] as number;
    return { layer: chain(stem, body, batchNorm(weights.at('norm'), outputs), relu), outputs };
  },

  'pyramidnet-110': (weights, inputs, scale) => {
    const stem = normalized(weights.at('stem'), { inputs, outputs: scale(16), size: 3 });
    // 110 = 2 + 3 stages of 18 blocks of 2 convolutions; each block adds alpha / 54 = 5 channels.
    const channels = Array.from({ length: 54 }, (_, i) => scale(16 + (270 / 54) * (i + 1)));
    const body = stages(weights, {
      block: pyramidBlock,
      inputs: scale(16),
      stages: [channels.slice(0, 18), channels.slice(18, 36), channels.slice(36)],
    });
    const outputs = channels[53] as number;
    return { layer: chain(stem, body, batchNorm(weights.at('norm'), outputs), relu), outputs };
  },
};

function normalized(weights: Weights, shape: Parameters<typeof convolution>[1]): ImageLayer {
  return chain(convolution(weights.at('conv'), shape), batchNorm(weights.at('norm'), shape.outputs));
}

interface Stages {
  readonly block: Block;
  readonly inputs: number;
  /** Channels that each block of each stage gives; stages but the first begin with a stride of 2. */
  readonly stages: readonly (readonly number[])[];
}

function stages(weights: Weights, { block, inputs, stages }: Stages): ImageLayer {
  let before = inputs;
  const blocks = stages.flatMap((channels, s) =>
    channels.map((outputs, b) => {
      const stride = s > 0 && b === 0 ? 2 : 1;
      const layer = block(weights.at(`stage${s + 1}`).at(`block${b + 1}`), { inputs: before, outputs, stride });
      before = outputs;
      return layer;
    }),
  );
  return chain(...blocks);
}

/** The largest of 3x3, every second; zeros around it do not matter after relu. */
const maxPool: ImageLayer = (x) => tf.maxPool(padded(x, 1), 3, 2, 'valid');
