import { FlatminError } from '@flatmin/core';
import * as tf from '@tensorflow/tfjs-core';

/** What a step left, eagerly and as a graph, from one start. */
export interface Comparison {
  /** What was there before, where there was something. */
  readonly before?: tf.Tensor | undefined;
  readonly eager: tf.Tensor;
  readonly replayed: tf.Tensor;
  /** Gives what `replayed` is from a start that is {@link nudged}; asked for only where the bits are not the same. */
  readonly shaken: () => tf.Tensor;
}

/**
 * How many times what the last bits of the start do to a tensor a graph may be off in it. A graph rounds as the eager
 * step does but where TensorFlow rearranges sums, and then every op is off by about a last bit, as the inputs are when
 * they are nudged.
 */
const allowance = 8;
/** Relative to the change of the tensor: 1 / 2^20, a few last bits of sums. */
const ofTheChange = 2 ** -20;
/** Relative to its size: two last bits, for what is added to it. */
const ofTheSize = 2 ** -22;

/** The values with their last bits flipped, zeros left as they are: what differs by this differs by rounding. */
export function nudged(tensor: tf.Tensor): tf.Tensor {
  if (tensor.dtype !== 'float32') return tensor;
  const values = Float32Array.from(tensor.dataSync());
  const bits = new Int32Array(values.buffer);
  values.forEach((value, i) => {
    if (value !== 0 && Number.isFinite(value)) bits[i] = (bits[i] as number) ^ 1;
  });
  return tf.tensor(values, tensor.shape, 'float32');
}

/** The length of the difference of two tensors, elements that are the same, also not finite, left out. */
function distance(a: ArrayLike<number>, b: ArrayLike<number> | undefined): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i] as number, b === undefined ? 0 : (b[i] as number)];
    if (!Object.is(x, y)) sum += (x - y) ** 2;
  }
  return Math.sqrt(sum);
}

/**
 * Refuses a graph that does not do what ran eagerly. Each tensor is compared by itself, by what rounding does to it in
 * this step: the graph runs once more from a start whose last bits are others, and may be off by eight times the
 * distance between its two results, and by a few last bits of the change and of the values.
 */
export function requireAgreement(comparisons: readonly Comparison[]): void {
  for (const { before, eager, replayed, shaken } of comparisons) {
    const [expected, found] = [eager.dataSync(), replayed.dataSync()];
    const apart = distance(expected, found);
    if (apart === 0) continue;
    const change = distance(expected, before?.dataSync());
    const rounding = distance(found, shaken().dataSync());
    const allowed = allowance * rounding + ofTheChange * change + ofTheSize * distance(expected, undefined);
    if (apart <= allowed) continue;
    throw new FlatminError(
      'CAPTURE_REFUSED',
      `the graph does something else than the step: a tensor [${eager.shape.join(', ')}] is off by ${apart.toExponential(1)} of a change ` +
        `of ${change.toExponential(1)}, where rounding makes up to ${allowed.toExponential(1)}. This is a bug in flatmin: please report ` +
        'it, and train without a graph.',
    );
  }
}
