import { definePlugin, type Model, type ModelContext } from '@flatmin/core/plugin';
import { classifier, imageShape, weightsOf } from '@flatmin/model-blocks';
import type * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod';
import { checkSizes } from './checkSizes.js';
import { encoder } from './encoder.js';
import type { VitSpecOptions } from './specOptions.js';

const defaults = { patch: 16, width: 384, depth: 12, heads: 6, mlpRatio: 4, dropout: 0 };

const schema = z.strictObject({
  patch: z
    .int()
    .positive()
    .default(defaults.patch)
    .describe('Side of a patch in pixels; divides height and width of the images (4 for 32x32 and 28x28).'),
  width: z.int().positive().default(defaults.width).describe('Numbers that represent each patch; a multiple of heads.'),
  depth: z.int().positive().default(defaults.depth).describe('Blocks of attention and MLP.'),
  heads: z.int().positive().default(defaults.heads).describe('Heads of each attention.'),
  mlpRatio: z.number().positive().default(defaults.mlpRatio).describe('Hidden units of each MLP divided by width.'),
  dropout: z
    .number()
    .min(0)
    .lt(1)
    .default(defaults.dropout)
    .describe(
      'Share of values dropped after the embedding and after each dense layer of a block except the first; 0.1 in the paper.',
    ),
});

export type VitOptions = VitSpecOptions;

/**
 * A vision transformer for image classification (Dosovitskiy et al. 2021, arXiv:2010.11929); the defaults are ViT-S/16.
 *
 * Patches become rows by a dense layer, a class token goes before them, and each position has an embedding that is
 * added. Then `depth` times `z += attention(norm(z))`, `z += mlp(norm(z))` with one hidden layer and the exact gelu;
 * the class token, normalized, goes through a dense layer to the logits.
 *
 * `apply` takes float32 x [batch, height, width, channels] and gives float32 logits [batch, classes]. `training`
 * matters to dropout alone, which is 0 unless asked for: small models with SAM do without (Chen et al. 2022,
 * arXiv:2106.01548).
 *
 * Kernels, class token and embeddings start as normal numbers of standard deviation 0.02 within two deviations (as in
 * DeiT, Touvron et al. 2021, arXiv:2012.12877), biases and beta at 0, gamma at 1. They come from `context.random` and
 * are the same on every backend.
 *
 * Cost: 22,050,664 weights for 224x224x3 and 1000 classes; `width`^2 (4 + 2 mlpRatio) or so for each block.
 *
 * @param options.patch side of a patch; default 16.
 * @param options.width numbers for each patch; default 384.
 * @param options.depth blocks; default 12.
 * @param options.heads heads; default 6.
 * @param options.mlpRatio hidden units over width; default 4.
 * @param options.dropout share of values left out; default 0.
 * @param context shape of the images [height, width, channels], number of classes, and the stream of the initial
 *   weights.
 * @returns the model; `dispose` frees its variables, and may be called twice.
 * @throws FlatminError DATA_INVALID where the examples are not images, and from `apply` for x of another shape;
 *   SPEC_INVALID for sizes that are not positive numbers or do not divide each other.
 * @example
 * ```ts
 * const options = { patch: 4, width: 192, depth: 6, heads: 3 };
 * const model = vit(options, { inputShape: [32, 32, 3], classes: 10, random: new RandomStream(1) });
 * const logits = model.apply(x);
 * ```
 */
export function vit(options: VitOptions, context: ModelContext): Model {
  const sizes = { ...defaults, ...options };
  const image = imageShape('vit', context);
  checkSizes(sizes, image);
  const { inputShape, classes, random } = context;
  const weights = weightsOf('vit', random);
  const { patch, width, depth, heads } = sizes;
  return classifier({
    id: 'vit',
    description: `vit of patches ${patch}x${patch}, width ${width}, depth ${depth}, ${heads} heads, ${classes} classes`,
    weights,
    inputShape,
    forward: encoder(weights, sizes, image, classes) as (x: tf.Tensor, training: boolean) => tf.Tensor2D,
  });
}

/** The plugin: `{ use: 'vit', patch: 4, width: 192, depth: 6, heads: 3 }`. */
export const vitPlugin = definePlugin({
  kind: 'model',
  id: 'vit',
  apiVersion: 1,
  description: 'Vision transformers: ViT-S/16, and small ones for small images.',
  options: schema,
  example: {
    options: { patch: 4, width: 96, depth: 4, heads: 3 },
    dataset: { use: 'digits', shape: 'image' },
    base: { use: 'adamw' },
  },
  create: (options, context) => vit(options, context),
});
