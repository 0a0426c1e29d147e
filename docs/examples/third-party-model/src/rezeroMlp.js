import { classifier, checkContext, constant, linear, normal, weightsOf } from '@flatmin/model-blocks';
import * as tf from '@tensorflow/tfjs-core';

/** y = h + alpha F(h), F(h) = W2 relu(W1 h + b1) + b2. As alpha starts at 0, the block starts as the identity. */
function block(weights, width) {
  const initial = normal(Math.sqrt(2 / width));
  const first = linear(weights.at('first'), { inputs: width, outputs: width, initial });
  const second = linear(weights.at('second'), { inputs: width, outputs: width, initial });
  const alpha = weights.trained('alpha', [1], constant(0));
  return { alpha, apply: (h) => tf.add(h, tf.mul(alpha, second(tf.relu(first(h))))) };
}

/**
 * A residual multilayer perceptron that needs no normalization: h = x W + b, `depth` blocks h + alpha F(h), logits = h V + c.
 *
 * `apply` takes float32 x [batch, ...inputShape] and gives float32 logits [batch, classes]; nothing depends on `training`. Kernels are
 * normal numbers of variance 2 / inputs drawn from `context.random`, biases and alphas 0.
 */
export function rezeroMlp({ depth = 2, width = 32 }, context) {
  checkContext('rezero-mlp', context);
  const { classes, inputShape, random } = context;
  const inputs = inputShape.reduce((product, size) => product * size, 1);
  const weights = weightsOf('rezero-mlp', random);
  const initial = normal(Math.sqrt(2 / inputs));
  const stem = linear(weights.at('stem'), { inputs, outputs: width, initial });
  const blocks = Array.from({ length: depth }, (_, i) => block(weights.at(`block${i + 1}`), width));
  const head = linear(weights.at('head'), { inputs: width, outputs: classes, initial: normal(Math.sqrt(2 / width)) });
  const forward = (x) => head(blocks.reduce((h, { apply }) => apply(h), stem(tf.reshape(x, [-1, inputs]))));
  const description = `rezero-mlp ${inputs}-${width}x${depth}-${classes}`;
  return {
    ...classifier({ id: 'rezero-mlp', description, weights, inputShape, forward }),
    // Their names and ranks do not tell: a number alone would count as a bias.
    roles: Object.fromEntries(blocks.map(({ alpha }) => [alpha.name, 'other'])),
  };
}
