import * as tf from '@tensorflow/tfjs-core';
import { FlatminError } from '../errors/errors.js';
import { requireAccess } from './loss.js';
import { valueOf } from './lossValue.js';
import type { PartPasses } from './partPasses.js';
import { asOfWhole, type BatchPart, joined } from './parts.js';

/** The losses of the examples of a part, if there is one for each. */
export function examplesIn({ loss: { size } }: BatchPart, examples: tf.Tensor1D): tf.Tensor1D {
  if (examples.rank === 1 && (size === undefined || examples.size === size)) return examples;
  throw new FlatminError(
    'LOSS_INVALID',
    `the losses per example have shape [${examples.shape.join(', ')}]${size === undefined ? '' : ` for ${size} examples`}. ` +
      'perExample and observed give one loss for each example, [batch].',
  );
}

/** The losses of the examples of these parts, in their order, as those of the whole batch. */
export function examplesOf(parts: readonly BatchPart[], passes: PartPasses): tf.Tensor1D {
  const found = passes(parts, (part) =>
    asOfWhole(examplesIn(part, requireAccess(part.loss, 'perExample', 'evaluatePerExample')()), part),
  );
  return joined(found);
}

/** The loss alone, one part after the other. */
export function lossOfParts(parts: readonly BatchPart[], passes: PartPasses): tf.Scalar {
  const losses = passes(parts, ({ loss, share }) =>
    tf.tidy(() => (share === 1 ? valueOf(loss) : tf.mul<tf.Scalar>(valueOf(loss), share))),
  );
  return losses.length === 1 ? (losses[0] as tf.Scalar) : tf.addN<tf.Scalar>(losses);
}
