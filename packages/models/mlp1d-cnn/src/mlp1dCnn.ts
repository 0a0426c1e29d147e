import { FlatminError } from '@flatmin/core';
import { definePlugin, type Model, type ModelContext, show } from '@flatmin/core/plugin';
import { checkContext, classifier, linear, uniformOf, weightsOf } from '@flatmin/model-blocks';
import * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod';
import { halved, halvingConvolution } from './halvingConvolution.js';
import type { Mlp1dCnnSpecOptions } from './specOptions.js';

const defaultChannels = 25;
const sizes = [5, 3, 3] as const;

const schema = z.strictObject({
  channels: z.int().positive().default(defaultChannels).describe('Channels of each of the three convolutions.'),
});

export type Mlp1dCnnOptions = Mlp1dCnnSpecOptions;

/**
 * The convolutional network of MNIST-1D (Greydanus & Kobak, *Scaling Down Deep Learning*, arXiv:2011.14439): three
 * convolutions along the sequence, `h = relu(conv(h))` with kernels of 5, 3 and 3 positions, stride 2 and a zero on
 * each side, then a dense layer from the remaining positions to the logits.
 *
 * `apply` takes float32 x [batch, length] or [batch, length, channels] and gives float32 logits [batch, classes];
 * `training` changes nothing. A length of 40 becomes 19, 10 and 5 positions.
 *
 * Kernels and biases start uniform within 1 / sqrt(n) for n inputs of an output, PyTorch's default, which the authors'
 * code uses. They come from `context.random` and are the same on every backend.
 *
 * Cost: 5,210 weights for 40 values and 10 classes. Convolutions are matrix products, so that it trains on every
 * backend.
 *
 * @param options.channels of each convolution; default 25.
 * @param context shape of an example, [length] or [length, channels], number of classes, and the stream of the initial
 *   weights.
 * @returns the model; `dispose` frees its variables, and may be called twice.
 * @throws FlatminError DATA_INVALID if the examples are not sequences or are shorter than 3, and from `apply` for x of
 *   another shape; SPEC_INVALID for channels that are not a positive integer.
 * @example
 * ```ts
 * const model = mlp1dCnn({}, { inputShape: [40], classes: 10, random: new RandomStream(1) });
 * const logits = model.apply(x);
 * ```
 */
export function mlp1dCnn(options: Mlp1dCnnOptions, context: ModelContext): Model {
  const { channels = defaultChannels } = options;
  if (!Number.isInteger(channels) || channels < 1) {
    throw new FlatminError(
      'SPEC_INVALID',
      `mlp1d-cnn: channels is ${show(channels)}. Give an integer of at least 1, such as 25.`,
    );
  }
  const { length, inputs } = sequenceShape(context);
  const { inputShape, classes, random } = context;
  const weights = weightsOf('mlp1d-cnn', random);
  const layers = sizes.map((size, i) =>
    halvingConvolution(weights.at(`conv${i + 1}`), { inputs: i === 0 ? inputs : channels, outputs: channels, size }),
  );
  const features = channels * sizes.reduce(halved, length);
  const initial = uniformOf(features);
  const head = linear(weights.at('head'), { inputs: features, outputs: classes, initial, initialBias: initial });
  return classifier({
    id: 'mlp1d-cnn',
    description: `mlp1d-cnn ${length}x${inputs}, ${channels} channels, ${classes} classes`,
    weights,
    inputShape,
    forward: (x) => {
      const batch = x.shape[0];
      const sequences = tf.reshape<tf.Rank.R3>(x, [batch, length, inputs]);
      const last = layers.reduce((h, layer) => tf.relu(layer(h)), sequences);
      return head(tf.reshape(last, [batch, features]));
    },
  });
}

function sequenceShape(context: ModelContext): { readonly length: number; readonly inputs: number } {
  checkContext('mlp1d-cnn', context);
  const { inputShape } = context;
  const [length, inputs = 1] = inputShape;
  if (inputShape.length > 2 || length === undefined || length < 3) {
    throw new FlatminError(
      'DATA_INVALID',
      `mlp1d-cnn takes sequences, and inputShape is ${show(inputShape)}. Use a data set of examples [length] or [length, channels], ` +
        'at least 3 long, such as mnist1d.',
    );
  }
  return { length, inputs };
}

/** The plugin: `{ use: 'mlp1d-cnn', channels: 25 }`. */
export const mlp1dCnnPlugin = definePlugin({
  kind: 'model',
  id: 'mlp1d-cnn',
  apiVersion: 1,
  description: 'The small convolutional network of MNIST-1D: three convolutions along sequences.',
  options: schema,
  example: { dataset: { use: 'mnist1d' } },
  create: (options, context) => mlp1dCnn(options, context),
});
