import { FlatminError, type RandomStream } from '@flatmin/core';
import { definePlugin, show, type Model, type ModelContext } from '@flatmin/core/plugin';
import { checkContext, type Weights, weightsOf } from '@flatmin/model-blocks';
import * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod';
import {
  activations,
  dense,
  normalizations,
  normalized,
  type Activation,
  type DenseLayer,
  type Normalization,
} from './denseLayers.js';
import type { MlpSpecOptions } from './specOptions.js';

const defaults = { hidden: [100, 100], activation: 'relu' as Activation, normalization: 'none' as Normalization };

const schema = z.strictObject({
  hidden: z
    .array(z.int().positive())
    .default(defaults.hidden)
    .describe('Units of each hidden layer; an empty list gives softmax regression.'),
  activation: z
    .enum(activations)
    .default(defaults.activation)
    .describe("Activation of the hidden layers; relu weights start by He's rule, tanh weights by Glorot's."),
  normalization: z
    .enum(normalizations)
    .default(defaults.normalization)
    .describe(
      'Normalization of each hidden layer before its activation: over the batch, over the units of each example, or none.',
    ),
});

export type MlpOptions = MlpSpecOptions;

/**
 * A multilayer perceptron for classification: `h_0 = flatten(x)`, `h_l = act(norm(h_(l-1) W_l + b_l))`,
 * logits `= h_L W + b`.
 *
 * `apply` takes float32 x [batch, ...inputShape] and gives float32 logits [batch, classes] (no softmax; pair it with
 * a cross entropy over logits). Only batch normalization depends on `training`: it normalizes by the batch and moves
 * its averages, and by the averages otherwise.
 *
 * Weights start as normal numbers from `context.random`, so they are the same on every backend: standard deviation
 * sqrt(2 / inputs) for relu (He et al. 2015, arXiv:1502.01852), sqrt(2 / (inputs + outputs)) for tanh (Glorot & Bengio
 * 2010), in every layer; biases start at 0. Variables are `mlp/dense1/kernel` [in, out], `mlp/dense1/bias` [out], with
 * normalization `mlp/dense1/gamma` and `beta` [out], ...; if a live model has these names, `mlp_1/...` and so on.
 *
 * Cost: three backend ops per hidden layer forward and two for the last (matMul, add, activation). tf.fused.matMul is
 * not used: its gradient takes more ops, and computes the gradient of the input, which is not needed.
 *
 * @param options.hidden units of each hidden layer, positive integers; [] gives softmax regression. Default [100, 100].
 * @param options.activation `'relu'` (default) or `'tanh'`.
 * @param options.normalization `'none'` (default), `'batch'` (Ioffe & Szegedy 2015, arXiv:1502.03167) or `'layer'`
 *   (Ba et al. 2016, arXiv:1607.06450), of the hidden layers.
 * @param context shape of one example, number of classes, and the stream of the initial weights.
 * @returns the model; `dispose` frees its variables, and may be called twice.
 * @throws FlatminError DATA_INVALID for a shape or number of classes that no model fits, and from `apply` for x of
 *   another width; SPEC_INVALID for hidden units that are not positive integers, an unknown activation or
 *   normalization.
 * @example
 * ```ts
 * const model = mlp({ hidden: [64] }, { inputShape: [40], classes: 10, random: new RandomStream(1) });
 * const logits = model.apply(x);
 * ```
 */
export function mlp(options: MlpOptions, context: ModelContext): Model {
  const settings = { ...defaults, ...options };
  const { inputShape, classes, random } = context;
  checkOptions(settings);
  checkContext('mlp', context);
  const inputs = inputShape.reduce((product, size) => product * size, 1);
  const sizes = [inputs, ...settings.hidden, classes];
  const weights = weightsOf('mlp', random);
  const layers = layersOf(weights, sizes, settings, random.at('mlp').at('kernel'));
  const norm = settings.normalization === 'none' ? '' : ` ${settings.normalization} norm`;
  return {
    description: `mlp ${sizes.join('-')} ${settings.activation}${norm}`,
    variables: weights.all,
    apply: (x, { training = false } = {}) =>
      tf.tidy(() => layers.reduce((values, layer) => layer(values, training), flatten(x, inputs))),
    dispose: () => weights.dispose(),
  };
}

type Settings = Required<MlpOptions>;

/** One layer between each two neighbors of `sizes`, all but the last with normalization and activation. */
function layersOf(
  weights: Weights,
  sizes: readonly number[],
  { activation, normalization }: Settings,
  random: RandomStream,
): readonly DenseLayer[] {
  const act = activation === 'relu' ? tf.relu<tf.Tensor2D> : tf.tanh<tf.Tensor2D>;
  return sizes.slice(1).map((outputs, i) => {
    const place = weights.at(`dense${i + 1}`);
    const sums = dense(place, { inputs: sizes[i] as number, outputs }, activation, random.at(i));
    if (i === sizes.length - 2) return sums;
    const norm = normalized(place, outputs, normalization);
    return (x, training) => act(norm(sums(x, training), training));
  });
}

/** x as [batch, inputs]; no op where it is that already. */
function flatten(x: tf.Tensor, inputs: number): tf.Tensor2D {
  const batch = x.shape[0] ?? 0;
  if (x.rank < 1 || x.size !== batch * inputs) {
    throw new FlatminError(
      'DATA_INVALID',
      `the mlp takes ${inputs} values per example, x has shape ${show(x.shape)}. Pass x as [batch, ...inputShape].`,
    );
  }
  return x.rank === 2 ? (x as tf.Tensor2D) : tf.reshape(x, [batch, inputs]);
}

function checkOptions({ hidden, activation, normalization }: Settings): void {
  if (!hidden.every((units) => Number.isInteger(units) && units > 0)) {
    throw new FlatminError(
      'SPEC_INVALID',
      `mlp: hidden is ${show(hidden)}. Give positive integers, such as [100, 100].`,
    );
  }
  if (!activations.includes(activation)) {
    throw new FlatminError('SPEC_INVALID', `mlp: activation is ${show(activation)}. Use 'relu' or 'tanh'.`);
  }
  if (!normalizations.includes(normalization)) {
    throw new FlatminError(
      'SPEC_INVALID',
      `mlp: normalization is ${show(normalization)}. Use 'none', 'batch' or 'layer'.`,
    );
  }
}

/** The plugin: `{ use: 'mlp', hidden: [100, 100], activation: 'relu' }`. */
export const mlpPlugin = definePlugin({
  kind: 'model',
  id: 'mlp',
  apiVersion: 1,
  description: 'Multilayer perceptron over flattened inputs.',
  options: schema,
  create: (options, context) => mlp(options, context),
});
