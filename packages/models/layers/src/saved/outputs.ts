import { FlatminError } from '@flatmin/core';
import { type ModelContext, show } from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { trainedModel } from '../trainedModel.js';
import type { HeadOptions } from './head.js';
import { activationOf, outputLayer, type Topology, withoutActivation } from './topology.js';

/**
 * What a saved model gives, and what it gives again when it is exported. 'probability' is one unit, which says how
 * likely the second of two classes is; 'logits' are those of a model that ends without an activation.
 */
export type Outputs = 'logits' | 'probabilities' | 'probability' | 'numbers';

/**
 * Takes a last softmax or sigmoid out of a topology, as the loss of training has it inside: the cross-entropy of
 * probabilities as if they were logits would train something else.
 *
 * @throws FlatminError DATA_INVALID for an end that no loss of the task fits.
 */
export function outputsOfHead(topology: Topology, { task, classes }: ModelContext, file: string): Outputs {
  const last = outputLayer(topology);
  const activation = last === undefined ? 'linear' : activationOf(last);
  const refuse = (what: string): never => {
    throw new FlatminError(
      'DATA_INVALID',
      `${file} ends with ${activation}, ${what}. Replace its last layer: "head": {}.`,
    );
  };
  if (task === 'regression') return activation === 'linear' ? 'numbers' : refuse('and a regression needs a linear end');
  const units = last?.config['units'];
  if (activation === 'softmax') {
    if (units === 1) refuse('of one unit, which is 1 whatever x is');
    withoutActivation(last as NonNullable<typeof last>);
    return 'probabilities';
  }
  if (activation === 'sigmoid') {
    if (classes !== 2 || (units !== undefined && units !== 1)) {
      refuse(
        `which decides each of ${show(units ?? 'several')} units separately, and an example of the data has one of ${classes} classes`,
      );
    }
    withoutActivation(last as NonNullable<typeof last>);
    return 'probability';
  }
  return activation === 'linear'
    ? 'logits'
    : refuse('and classification needs a softmax, the sigmoid of one unit, or logits');
}

/** Of a head that flatmin makes. */
export function outputsOfNewHead({ classes: given }: HeadOptions, { task, classes }: ModelContext): Outputs {
  if (given !== undefined && given !== classes) {
    throw new FlatminError(
      'SPEC_INVALID',
      `head.classes is ${given}, and the data has ${classes === 1 ? 'one target' : `${classes} classes`}. Give ${classes}, or leave it out.`,
    );
  }
  return task === 'regression' ? 'numbers' : 'probabilities';
}

/** Logits [batch, classes] of the outputs without their last activation; softmax of (0, z) is the sigmoid of z. */
export function logitsOf(given: tf.Tensor2D, outputs: Outputs): tf.Tensor2D {
  return outputs === 'probability' ? tf.concat([tf.zerosLike(given), given], 1) : given;
}

/**
 * Refuses a model whose outputs are probabilities where nothing in its topology says so, as after a layer of somebody's
 * own: by a pass over a few random examples.
 *
 * @throws FlatminError DATA_INVALID.
 */
export async function requireLogits(
  model: LayersModel,
  outputs: Outputs,
  context: ModelContext,
  file: string,
): Promise<void> {
  if (outputs !== 'logits' && outputs !== 'probabilities') return;
  const { inputShape, vocabulary, random } = context;
  const draws = tf.tidy(() => {
    const stream = random.at('probe');
    const x =
      vocabulary === undefined
        ? stream.normal([3, ...inputShape])
        : tf.floor(tf.mul(stream.uniform([3, ...inputShape]), vocabulary.size));
    const { dtype } = model.inputs[0] as { dtype: tf.DataType };
    const given = trainedModel(model).apply(tf.cast(x, dtype), { training: false }) as tf.Tensor;
    return tf.stack([tf.max(tf.abs(tf.sub(tf.sum(given, -1), 1))), tf.neg(tf.min(given))]);
  });
  const [distance = 1, below = 1] = await draws.data();
  draws.dispose();
  if (distance > 1e-3 || below > 0) return;
  throw new FlatminError(
    'DATA_INVALID',
    `${file} gives probabilities, and no layer at its end is a softmax that could be removed. Save it with a softmax as its last layer, or with logits as its outputs.`,
  );
}
