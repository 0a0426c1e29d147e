import { FlatminError } from '@flatmin/core';
import type * as tf from '@tensorflow/tfjs-core';

/** What a step changed, eagerly and as a graph, from one start. */
export interface Comparison {
  readonly before: tf.Tensor;
  readonly eager: tf.Tensor;
  readonly replayed: tf.Tensor;
}

/**
 * Largest distance of the two results, relative to the length of the change. A graph gives the same bits nearly always; where it does
 * not, a deep network with batch normalization makes a percent of the last bit (a ResNet-18 at its first weights does, of its own
 * input). A wrong sign or a missing part makes a hundred.
 */
const share = 0.1;
/** What float32 leaves of values that do not change. */
const rounding = 1e-5;

/** Refuses a graph that does not do what ran eagerly, all tensors as one long vector. */
export function requireAgreement(comparisons: readonly Comparison[]): void {
  const squares = { apart: 0, change: 0, size: 0 };
  for (const { before, eager, replayed } of comparisons) {
    const [start, expected, found] = [before.dataSync(), eager.dataSync(), replayed.dataSync()];
    expected.forEach((value, i) => {
      if (Object.is(value, found[i])) return;
      squares.apart += (value - (found[i] as number)) ** 2;
    });
    expected.forEach((value, i) => (squares.change += (value - (start[i] as number)) ** 2));
    expected.forEach((value) => (squares.size += value ** 2));
  }
  const [apart, change, size] = [squares.apart, squares.change, squares.size].map(Math.sqrt) as [
    number,
    number,
    number,
  ];
  if (apart === 0 || apart <= share * change + rounding * size) return;
  throw new FlatminError(
    'CAPTURE_REFUSED',
    `the graph changes the weights by something else than the step (off by ${apart.toExponential(1)} of ${change.toExponential(1)}). ` +
      'This is a mistake of ours: please report it, and train without a graph.',
  );
}
