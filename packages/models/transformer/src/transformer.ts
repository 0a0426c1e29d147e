import { definePlugin, type Model, type ModelContext } from '@flatmin/core/plugin';
import { weightsOf } from '@flatmin/model-blocks';
import * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod';
import { checkIds, checkSizes, tokensOf } from './checkSizes.js';
import { generate } from './generate.js';
import { network } from './network.js';
import type { TransformerSpecOptions } from './specOptions.js';

const defaults = {
  width: 512,
  hidden: 1024,
  heads: 4,
  encoderLayers: 6,
  decoderLayers: 6,
  dropout: 0.3,
  beam: 5,
  lengthPenalty: 1,
  maxLengthA: 1.2,
  maxLengthB: 10,
};

const size = (name: keyof typeof defaults, meaning: string) =>
  z.int().positive().default(defaults[name]).describe(meaning);
const amount = (name: keyof typeof defaults, meaning: string) =>
  z.number().nonnegative().default(defaults[name]).describe(meaning);

const schema = z.strictObject({
  width: size('width', 'Numbers that represent each token; even, and a multiple of heads.'),
  hidden: size('hidden', 'Hidden units of each MLP.'),
  heads: size('heads', 'Heads of each attention.'),
  encoderLayers: size('encoderLayers', 'Layers of the encoder.'),
  decoderLayers: size('decoderLayers', 'Layers of the decoder.'),
  dropout: z
    .number()
    .min(0)
    .lt(1)
    .default(defaults.dropout)
    .describe('Share of values that training drops from embeddings and from what each part of a layer adds.'),
  beam: size('beam', 'Hypotheses that generate keeps for each source; 1 is greedy.'),
  lengthPenalty: amount(
    'lengthPenalty',
    'generate divides the log-probability of a target by its length to this power.',
  ),
  maxLengthA: amount('maxLengthA', 'A generated target has at most maxLengthA x source tokens + maxLengthB tokens.'),
  maxLengthB: amount('maxLengthB', 'See maxLengthA.'),
});

export type TransformerOptions = TransformerSpecOptions;

/** What {@link transformer} makes: a model that also generates. */
export type Transformer = Model<tf.Tensor3D> & Required<Pick<Model, 'generate'>>;

/**
 * The encoder-decoder transformer (Vaswani et al. 2017, arXiv:1706.03762); the defaults are fairseq's
 * `transformer_iwslt_de_en` with shared input and output embeddings of the decoder, and its settings for IWSLT'14.
 *
 * Tokens become sqrt(width) times their embeddings plus sines and cosines of their position. Each layer of the encoder
 * is `z = norm(z + attention(z))`, `z = norm(z + mlp(z))`; a layer of the decoder has attention to the encoder's rows
 * between the two. The MLP has one hidden layer with relu. Logits are products with the decoder's embeddings. Dropout
 * is applied to embeddings and to what each part of a layer adds.
 *
 * `apply(x, { target })` takes int32 ids x [batch, source length] and target [batch, length], from `begin` on, both
 * padded, and gives float32 logits [batch, length, tokens of the target]: at each position, of the token that follows.
 * Padding of the source is ignored, and no position attends to those after it. `generate(x)` finds targets by beam
 * search, see {@link TransformerOptions}.
 *
 * Kernels start uniform in Xavier's range (that of queries, keys and values over sqrt 2), embeddings normal with
 * standard deviation 1 / sqrt(width), that of padding at 0, biases and beta at 0, gamma at 1. They come from
 * `context.random` and are the same on every backend. Departures from fairseq (commit 00b6434): the biases of queries,
 * keys, values and the MLP start at 0, and the kernels of the MLP in Xavier's range, where fairseq uses PyTorch's
 * defaults for dense layers; norms add 1e-6 to the variance, not 1e-5; `maxLengthA` counts the source without padding,
 * so that a translation does not depend on the batch.
 *
 * Cost: 39,469,056 weights for 8848 and 6632 tokens. `generate` runs one decoder pass over one position for each token.
 *
 * @param options.width numbers for each token; default 512.
 * @param options.hidden hidden units; default 1024.
 * @param options.heads heads; default 4.
 * @param options.encoderLayers layers of the encoder; default 6.
 * @param options.decoderLayers layers of the decoder; default 6.
 * @param options.dropout rate; default 0.3.
 * @param options.beam hypotheses that `generate` keeps; default 5.
 * @param options.lengthPenalty power of the length that scores of `generate` are divided by; default 1.
 * @param options.maxLengthA longest output of `generate`: this times the length of the source, and `maxLengthB`;
 *   default 1.2.
 * @param options.maxLengthB see `maxLengthA`; default 10.
 * @param context of task `sequence-to-sequence` with both vocabularies, and the stream of the initial weights.
 * @returns the model; `dispose` frees its variables, and may be called twice.
 * @throws FlatminError DATA_INVALID for another task, and from `apply` and `generate` for input that is not ids;
 *   SPEC_INVALID for sizes that are out of range or do not divide each other.
 * @example
 * ```ts
 * const data = await cmudict();
 * const sizes = { width: 128, hidden: 256, encoderLayers: 2, decoderLayers: 2, dropout: 0.1 };
 * const model = transformer(sizes, { ...data, random: new RandomStream(1) });
 * const logits = model.apply(x, { target: y.slice([0, 0], [-1, y.shape[1] - 1]) });
 * const targets = await model.generate(x);
 * ```
 */
export function transformer(options: TransformerOptions, context: ModelContext): Transformer {
  const all = { ...defaults, ...options };
  const tokens = tokensOf(context);
  checkSizes(all);
  const weights = weightsOf('transformer', context.random);
  const net = network(weights, all, tokens);
  const { width, encoderLayers, decoderLayers, heads } = all;
  return {
    description: `transformer of width ${width}, ${encoderLayers} and ${decoderLayers} layers, ${heads} heads, ${tokens.from} to ${tokens.to} tokens`,
    variables: weights.all,
    apply: (x, { training = false, target } = {}) => {
      checkIds('x', x);
      checkIds('target', target, x.shape[0]);
      return tf.tidy(() => net.decode(target, net.encode(x, training), training));
    },
    generate: async (x) => {
      checkIds('x', x);
      return generate(net, x, all);
    },
    dispose: () => weights.dispose(),
  };
}

/** The plugin: `{ use: 'transformer', width: 128, hidden: 256, encoderLayers: 2, decoderLayers: 2, dropout: 0.1 }`. */
export const transformerPlugin = definePlugin({
  kind: 'model',
  id: 'transformer',
  apiVersion: 1,
  description: "The encoder-decoder transformer: fairseq's for IWSLT'14 DE-EN, and small ones.",
  options: schema,
  example: {
    options: { width: 128, hidden: 256, encoderLayers: 2, decoderLayers: 2 },
    dataset: { use: 'cmudict' },
    base: { use: 'adamw' },
  },
  create: (options, context) => transformer(options, context) as unknown as Model,
});
