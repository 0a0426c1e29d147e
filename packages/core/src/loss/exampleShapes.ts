import * as tf from '@tensorflow/tfjs-core';
import { FlatminError, show } from '../errors/errors.js';
import { isTensor } from '../tensors/tensors.js';

/** A shape as errors name it. */
export const shapeOf = ({ shape }: tf.Tensor): string => `[${shape.join(', ')}]`;

/**
 * The number of examples of a batch, which has as many rows in x as in y.
 *
 * @throws FlatminError LOSS_INVALID, with both shapes.
 */
export function requireRows(x: tf.Tensor, y: tf.Tensor): number {
  const [rows, others] = [x.shape[0] ?? 0, y.shape[0] ?? 0];
  if (rows > 0 && rows === others) return rows;
  throw new FlatminError(
    'LOSS_INVALID',
    `a batch has x of shape ${shapeOf(x)} and y of shape ${shapeOf(y)}. Give x and y the same number of rows, one for each example, and at least one.`,
  );
}

/**
 * Factors of the examples of a batch, if there is one for each.
 *
 * @throws FlatminError LOSS_INVALID, with their shape.
 */
export function requireFactors(factors: unknown, size: number): tf.Tensor1D {
  if (isTensor(factors) && factors.rank === 1 && factors.shape[0] === size) return factors as tf.Tensor1D;
  const what = isTensor(factors) ? `have shape ${shapeOf(factors)}` : `are ${show(factors)}`;
  throw new FlatminError(
    'LOSS_INVALID',
    `the weights of the examples ${what} for ${size} examples. Give a tensor [${size}].`,
  );
}

type Inputs = Readonly<Record<string, tf.Tensor>>;

/**
 * The losses of the examples, if there is one for each.
 *
 * @param inputs what the loss was computed from, by its name in the error; the first has a row for each example where
 *   the last, y, has.
 * @throws FlatminError LOSS_INVALID, with all shapes.
 */
export function requireExamples(losses: unknown, inputs: Inputs): tf.Tensor1D {
  const [size] = (inputs['y'] as tf.Tensor).shape;
  if (isTensor(losses) && losses.rank === 1 && losses.shape[0] === size) return losses as tf.Tensor1D;
  const what = isTensor(losses) ? `have shape ${shapeOf(losses)}` : `are ${show(losses)}, not a tensor,`;
  throw new FlatminError(
    'LOSS_INVALID',
    `the losses per example ${what} for ${shapesOf(inputs)}. Return one loss for each example, [${size}]: ` +
      'give both the same shape before you subtract, and reduce only the axes after the first.',
  );
}

const shapesOf = (inputs: Inputs): string =>
  Object.entries(inputs)
    .map(([name, tensor]) => `${name} of shape ${shapeOf(tensor)}`)
    .join(' and ');

/** What TF.js notes of each op of a pass whose gradient is taken. */
interface TapeNode {
  readonly inputs: Readonly<Record<string, tf.Tensor>>;
  readonly outputs: readonly (tf.Tensor | undefined)[];
}

const tape = (): readonly TapeNode[] =>
  (tf.engine().state as unknown as { readonly activeTape: readonly TapeNode[] | null }).activeTape ?? [];

/**
 * Computes losses from targets y [n], and refuses them where targets met predictions [n, 1] on the way: that is a table
 * [n, n] of each prediction beside each target, of which a later mean leaves [n] numbers that look like losses.
 *
 * Cost: none but a look at the shapes of what TF.js noted for the gradient, in JavaScript; a pass without one is not
 * looked at.
 */
export function withoutBroadcast<T>(y: tf.Tensor, compute: () => T): T {
  const start = tape().length;
  const losses = compute();
  const [n = 0] = y.shape;
  if (y.rank !== 1 || n < 2) return losses;
  const targets = new Set([y.id]);
  for (const { inputs, outputs } of tape().slice(start)) {
    const given = Object.values(inputs);
    if (!given.some(({ id }) => targets.has(id))) continue;
    for (const output of outputs) if (output !== undefined) targets.add(output.id);
    const shapes = given.map(({ shape }) => shape.join());
    if (shapes.includes(`${n}`) && shapes.includes(`${n},1`) && outputs[0]?.shape.join() === `${n},${n}`) {
      throw new FlatminError(
        'LOSS_INVALID',
        `targets and predictions of shapes [${n}] and [${n}, 1] were broadcast to [${n}, ${n}], every prediction against every target. ` +
          `Give both the same shape first: predictions.reshape([-1]), or targets.reshape([-1, 1]).`,
      );
    }
  }
  return losses;
}
