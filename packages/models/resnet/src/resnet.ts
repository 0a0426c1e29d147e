import { definePlugin, type Model, type ModelContext } from '@flatmin/core/plugin';
import { classifier, imageShape, linear, normal, requireConvolutions, weightsOf } from '@flatmin/model-blocks';
import * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod';
import { type Architecture, architectures, trunks } from './architectures.js';
import { checkOptions, type ResnetOptions } from './options.js';

const defaults = { architecture: 'resnet-18' as Architecture, width: 1, dropout: 0 };

const schema = z.strictObject({
  architecture: z
    .enum(architectures)
    .default(defaults.architecture)
    .describe('resnet-18, wrn-28-10 and pyramidnet-110 are for images of about 32x32, resnet-50 for 224x224.'),
  width: z
    .number()
    .positive()
    .max(16)
    .default(defaults.width)
    .describe('Factor for the numbers of channels of the paper, rounded, at least 1 each; below 1 for small runs.'),
  dropout: z
    .number()
    .min(0)
    .lt(1)
    .default(defaults.dropout)
    .describe('Only for wrn-28-10: share of values dropped between the two convolutions of a block; 0.3 in its paper.'),
});

/**
 * A residual network for image classification: `x_(l+1) = x_l + f_l(x_l)`, where `f_l` are two or three convolutions
 * with batch normalization, the mean over all positions, and a dense layer to the logits.
 *
 * - `resnet-18` (He et al. 2016, arXiv:1512.03385) with the stem for CIFAR: a 3x3 convolution, no pooling; 64 to 512
 *   channels.
 * - `wrn-28-10` (Zagoruyko & Komodakis 2016, arXiv:1605.07146): normalization and relu before convolutions, 160 to 640
 *   channels; `dropout` between the two convolutions of a block.
 * - `pyramidnet-110` (Han et al. 2017, arXiv:1610.02915), alpha 270: blocks of two 3x3 convolutions whose channels grow
 *   by 5 each, from 16 to 286; shortcuts without weights, filled up with zeros.
 * - `resnet-50` (arXiv:1512.03385) for ImageNet: 7x7 stem with pooling, bottlenecks; the stride is in their 3x3
 *   convolution, as in torchvision.
 *
 * `apply` takes float32 x [batch, height, width, channels] and gives float32 logits [batch, classes]. With `training`,
 * batch normalization uses the statistics of the batch and moves its averages (momentum 0.9, epsilon 1e-5); without it,
 * it uses the averages.
 *
 * Kernels start by He et al. 2015 for the outputs of convolutions, normal with standard deviation sqrt(2 / (height
 * width outputs)); gamma at 1, beta at 0; the last dense layer normal with 0.01 and bias 0 (Goyal et al. 2017,
 * arXiv:1706.02677). They come from `context.random` and are the same on every backend.
 *
 * Cost: on 32x32x3 with 10 classes 11.2 (resnet-18), 36.5 (wrn-28-10) and 28.5 million weights (pyramidnet-110); 25.6
 * million for resnet-50 with 1000 classes.
 *
 * @param options.architecture which network; default `'resnet-18'`.
 * @param options.width factor on the numbers of channels; default 1.
 * @param options.dropout of wrn-28-10; default 0.
 * @param context shape of the images [height, width, channels], number of classes, and the stream of the initial
 *   weights.
 * @returns the model; `dispose` frees its variables, and may be called twice.
 * @throws FlatminError RUN_INVALID on a backend that cannot train convolutions (wasm); DATA_INVALID if the examples are
 *   not images, and from `apply` for x of another shape; SPEC_INVALID for an unknown architecture, a width that is not
 *   a positive number, or dropout with another architecture.
 * @example
 * ```ts
 * const model = resnet({ width: 0.25 }, { inputShape: [32, 32, 3], classes: 10, random: new RandomStream(1) });
 * const logits = model.apply(x, { training: true });
 * ```
 */
export function resnet(options: ResnetOptions, context: ModelContext): Model {
  const sizes = { ...defaults, ...options };
  checkOptions(sizes);
  const { architecture, width, dropout } = sizes;
  const { channels } = imageShape('resnet', context);
  requireConvolutions('resnet');
  const { inputShape, classes, random } = context;
  const weights = weightsOf('resnet', random);
  const trunk = trunks[architecture](weights, channels, (paper) => Math.max(1, Math.round(paper * width)), dropout);
  const head = linear(weights.at('head'), { inputs: trunk.outputs, outputs: classes, initial: normal(0.01) });
  return classifier({
    id: 'resnet',
    description: `${architecture}${width === 1 ? '' : `, width ${width}`}, ${classes} classes`,
    weights,
    inputShape,
    forward: (x, training) => head(tf.mean(trunk.layer(x as tf.Tensor4D, training), [1, 2])),
  });
}

/** The plugin: `{ use: 'resnet', architecture: 'wrn-28-10', width: 1 }`. */
export const resnetPlugin = definePlugin({
  kind: 'model',
  id: 'resnet',
  apiVersion: 1,
  description: 'Residual networks: ResNet-18, WRN-28-10, PyramidNet-110, ResNet-50.',
  options: schema,
  example: { options: { width: 0.25 }, dataset: { use: 'digits', shape: 'image' } },
  create: (options, context) => resnet(options, context),
});
