import * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod';
import { definePlugin, type Plugin, type PluginExample } from '../plugin/plugin.js';
import { BuiltInBase } from '../base/builtIn.js';

const learningRate = z.number().min(0).describe('Learning rate.');
const fraction = (what: string) => z.number().min(0).lt(1).describe(what);
const epsilon = z
  .number()
  .positive()
  .optional()
  .describe("Added to the square root; default: TF.js's for the backend (1e-7).");

/** A base made once, kept out of any enclosing `tidy` by the adapter. */
function base<S extends z.ZodObject>(
  id: string,
  description: string,
  options: S,
  make: (options: z.output<S>) => tf.Optimizer,
  example: PluginExample['options'] = {},
): Plugin<'base'> {
  return definePlugin({
    kind: 'base',
    id,
    apiVersion: 1,
    description,
    options,
    example: { options: example },
    create: (given) => new BuiltInBase(make(given as z.output<S>), true),
  });
}

/** TF.js's own optimizers by name, with TF.js's defaults. */
export const builtInBases: readonly Plugin<'base'>[] = [
  base('sgd', 'Stochastic gradient descent.', z.strictObject({ learningRate }), (o) => tf.train.sgd(o.learningRate), {
    learningRate: 0.1,
  }),
  base(
    'momentum',
    'Gradient descent with momentum.',
    z.strictObject({
      learningRate,
      momentum: fraction('How much of the last step remains.'),
      useNesterov: z.boolean().default(false).describe("Nesterov's form."),
    }),
    (o) => tf.train.momentum(o.learningRate, o.momentum, o.useNesterov),
    { learningRate: 0.1, momentum: 0.9 },
  ),
  base(
    'adam',
    'Adam.',
    z.strictObject({
      learningRate: learningRate.default(0.001),
      beta1: fraction('Decay of the first moment.').default(0.9),
      beta2: fraction('Decay of the second moment.').default(0.999),
      epsilon,
    }),
    (o) => tf.train.adam(o.learningRate, o.beta1, o.beta2, o.epsilon),
  ),
  base(
    'adamax',
    'Adamax, Adam with the infinity norm.',
    z.strictObject({
      learningRate: learningRate.default(0.002),
      beta1: fraction('Decay of the first moment.').default(0.9),
      beta2: fraction('Decay of the infinity norm.').default(0.999),
      epsilon,
      decay: z.number().min(0).default(0).describe('The learning rate is divided by 1 + decay * steps.'),
    }),
    (o) => tf.train.adamax(o.learningRate, o.beta1, o.beta2, o.epsilon, o.decay),
  ),
  base(
    'adagrad',
    'Adagrad.',
    z.strictObject({
      learningRate,
      initialAccumulatorValue: z.number().min(0).default(0.1).describe('Initial value of the sums of squares.'),
    }),
    (o) => tf.train.adagrad(o.learningRate, o.initialAccumulatorValue),
    { learningRate: 0.01 },
  ),
  base(
    'adadelta',
    'Adadelta.',
    z.strictObject({
      learningRate: learningRate.default(0.001),
      rho: fraction("Adadelta's own decay, which is not a perturbation radius.").default(0.95),
      epsilon,
    }),
    (o) => tf.train.adadelta(o.learningRate, o.rho, o.epsilon),
  ),
  base(
    'rmsprop',
    'RMSProp.',
    z.strictObject({
      learningRate,
      decay: fraction('Decay of the mean square.').default(0.9),
      momentum: fraction('How much of the last step remains.').default(0),
      epsilon,
      centered: z
        .boolean()
        .default(false)
        .describe('Divides by the standard deviation instead of the root mean square.'),
    }),
    (o) => {
      // Where TF.js centers it subtracts epsilon under the root, so that a gradient of zero gives NaN: its sign is
      // turned.
      const epsilon = o.centered ? -(o.epsilon ?? tf.backend().epsilon()) : o.epsilon;
      return tf.train.rmsprop(o.learningRate, o.decay, o.momentum, epsilon, o.centered);
    },
    { learningRate: 0.001 },
  ),
];
