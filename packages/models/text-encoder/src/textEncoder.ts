import { FlatminError } from '@flatmin/core';
import { definePlugin, type Model, type ModelContext, show } from '@flatmin/core/plugin';
import { weightsOf } from '@flatmin/model-blocks';
import * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod';
import { encoder } from './encoder.js';
import { everyPosition, wholeText } from './heads.js';
import { attentions, checkSizes, type EncoderSizes, textShape } from './sizes.js';
import type { TextEncoderSpecOptions } from './specOptions.js';

const defaults: EncoderSizes = {
  attention: 'bert',
  width: 768,
  depth: 12,
  heads: 12,
  mlpRatio: 4,
  positions: 512,
  dropout: 0.1,
};

const schema = z.strictObject({
  attention: z
    .enum(attentions)
    .default(defaults.attention)
    .describe(
      'bert: positions are added to tokens; disentangled: attention uses distances as well as tokens, as in DeBERTa.',
    ),
  width: z.int().positive().default(defaults.width).describe('Numbers that represent each token; a multiple of heads.'),
  depth: z.int().positive().default(defaults.depth).describe('Blocks of attention and MLP.'),
  heads: z.int().positive().default(defaults.heads).describe('Heads of each attention.'),
  mlpRatio: z.number().positive().default(defaults.mlpRatio).describe('Hidden units of each MLP divided by width.'),
  positions: z
    .int()
    .positive()
    .default(defaults.positions)
    .describe('bert: the longest sequence; disentangled: distances of this size and more share an embedding.'),
  dropout: z
    .number()
    .min(0)
    .lt(1)
    .default(defaults.dropout)
    .describe(
      'Probability that a value is dropped, in embeddings, attention weights, both branches of a block, and the input of the head.',
    ),
});

export type TextEncoderOptions = TextEncoderSpecOptions;

/** Of running text. */
export type LanguageContext = ModelContext & { readonly task: 'language-modelling' };

/**
 * An encoder of text: BERT (Devlin et al. 2019, arXiv:1810.04805), or with `attention: 'disentangled'` DeBERTa (He et
 * al. 2021, arXiv:2006.03654); the defaults are the sizes of BERT-base. For classification, regression and language
 * modelling.
 *
 * `apply` takes int32 ids x [batch, length], with padding (0) at the end of each, which is ignored. Tokens become rows;
 * `'bert'` adds an embedding of the position and one of the segment, which is 1 after the first `end` (2), the
 * separator of the texts of a pair. Normalized, then `depth` times `z = norm(z + attention(z))`,
 * `z = norm(z + mlp(z))`, one hidden layer with the exact gelu.
 *
 * - classification, regression: `begin` (1), BERT's [CLS], is put before the ids; its row goes through a dense layer
 *   with
 *   tanh (gelu with `'disentangled'`) and another to float32 [batch, classes].
 * - language-modelling: each position attends to those up to itself; logits float32 [batch, length, classes] come from
 *   the embeddings of the tokens, as in BERT's prediction of masked words. No segments.
 *
 * Disentangled attention scores a pair by content to content, content to position and position to content, divided by
 * sqrt(3 width / heads), where positions are distances from -k to k - 1 (`positions` is k).
 *
 * Kernels and embeddings start as normal numbers of standard deviation 0.02, truncated at two deviations, as in BERT's
 * code; biases and beta at 0, gamma at 1. They come from `context.random` and are the same on every backend.
 *
 * Deviations: 1e-6 is added to variances, where BERT has 1e-12 and DeBERTa 1e-7; no `end` after the last text; no
 * absolute positions before DeBERTa's last layers, which its pre-training has and its classifiers do not.
 *
 * Cost: 109,482,240 weights without the head for 30,522 tokens at the defaults, as many as the published BERT-base.
 *
 * @param options.attention `'bert'` (default) or `'disentangled'`.
 * @param options.width numbers for each token; default 768.
 * @param options.depth layers; default 12.
 * @param options.heads heads of a layer's attention; default 12.
 * @param options.mlpRatio hidden units of a layer's MLP divided by `width`; default 4.
 * @param options.positions longest sequence, or k; default 512.
 * @param options.dropout rate, at least 0 and below 1; default 0.1. Every pass of a step drops the same values.
 * @param context task, [length], number of outputs, vocabulary, and the stream of the initial weights.
 * @returns the model; `dispose` frees its variables, and may be called twice.
 * @throws FlatminError DATA_INVALID if x is not ids, the task is sequence-to-sequence, or texts are longer than
 *   `positions`, and from `apply` for such x; SPEC_INVALID for sizes that are not positive numbers or do not divide
 *   each
 *   other.
 * @example
 * ```ts
 * const data = await brown({ encoding: 'ids', length: 64, labels: 'genre' });
 * const model = textEncoder({ width: 128, depth: 2, heads: 4 }, { ...data, random: new RandomStream(1) });
 * const logits = model.apply(x, { training: true });
 * ```
 */
export function textEncoder(options: TextEncoderOptions, context: LanguageContext): Model<tf.Tensor3D>;
export function textEncoder(options: TextEncoderOptions, context: ModelContext): Model;
export function textEncoder(options: TextEncoderOptions, context: ModelContext): Model<tf.Tensor> {
  const sizes = { ...defaults, ...options };
  checkSizes(sizes);
  const shape = textShape(sizes, context);
  const { task, outputs } = shape;
  const weights = weightsOf('text-encoder', context.random);
  const encoded = encoder(weights, sizes, shape);
  const forward: (ids: tf.Tensor2D, training: boolean) => tf.Tensor =
    task === 'language-modelling'
      ? everyPosition(weights, sizes, encoded)
      : wholeText(weights, sizes, encoded, outputs);
  const longest = sizes.attention === 'bert' ? sizes.positions - shape.begins : Infinity;
  const { attention, width, depth, heads } = sizes;
  return {
    description: `text-encoder with ${attention} attention, width ${width}, depth ${depth}, ${heads} heads, ${outputs} outputs`,
    variables: weights.all,
    apply: (x, { training = false } = {}) => {
      checkIds(x, longest);
      return tf.tidy(() => forward(x as tf.Tensor2D, training));
    },
    dispose: () => weights.dispose(),
  };
}

function checkIds(x: tf.Tensor, longest: number): void {
  const refuse = (what: string): never => {
    throw new FlatminError('DATA_INVALID', `text-encoder takes int32 ids x [batch, length], ${what}.`);
  };
  if (x.rank !== 2) refuse(`x has shape ${show(x.shape)}`);
  if (x.dtype !== 'int32') refuse(`x is ${x.dtype}. Cast it, or use "encoding": "ids"`);
  if ((x.shape[1] as number) > longest)
    refuse(`x has shape ${show(x.shape)}, and there are positions for ${longest} ids`);
}

/** The plugin: `{ use: 'text-encoder', width: 128, depth: 2, heads: 4 }`. */
export const textEncoderPlugin = definePlugin({
  kind: 'model',
  id: 'text-encoder',
  apiVersion: 1,
  description: 'Text encoders: BERT, and disentangled attention as in DeBERTa.',
  options: schema,
  example: {
    options: { width: 128, depth: 2, heads: 4 },
    dataset: { use: 'brown', encoding: 'ids' },
    base: { use: 'adamw' },
  },
  create: (options, context) => textEncoder(options, context),
});
