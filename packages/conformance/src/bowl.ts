import type { LossFunction, SharpnessAwareOptimizer } from '@flatmin/core';
import * as tf from '@tensorflow/tfjs-core';

/** What one step on the bowl did. */
export interface BowlStep {
  /** The gradient of the first pass, which most variants take at the weights. */
  readonly clean: number[];
  /** The weights of the second pass minus those of the first. */
  readonly offset: number[];
  /** The gradient of the second pass. */
  readonly perturbed: number[];
  /** What was subtracted from the weights: the final gradient, under SGD at learning rate 1. */
  readonly taken: number[];
}

const valuesOf = (tensor: tf.Tensor): number[] => Array.from(tensor.dataSync());
const gradientAt = ([a = 0, b = 0]: readonly number[]): number[] => [a, 2 * b];

/**
 * A loss on which a variant's steps can be checked by hand: L(w) = 1/2 (w1^2 + 2 w2^2) over one kernel [2], whose
 * gradient is (w1, 2 w2). It reads back what each pass saw, for property tests of what defines a variant.
 *
 * @example
 * ```ts fragment
 * const { own, step, dispose } = new Bowl();
 * afterEach(dispose);
 * const { offset } = step(own(mySam({ rho: 0.5, base: { use: 'sgd', learningRate: 1 } })), [3, -1]);
 * expect(Math.hypot(...offset)).toBeCloseTo(0.5, 5);
 * ```
 */
export class Bowl {
  readonly #owned: { dispose(): void }[] = [];
  readonly #variables = new WeakMap<SharpnessAwareOptimizer, tf.Variable>();

  /** Gives back what it gets, and disposes it in {@link dispose}. */
  readonly own = <T extends { dispose(): void }>(each: T): T => {
    this.#owned.push(each);
    return each;
  };

  /** L of a variable [2]. */
  readonly loss =
    (w: tf.Variable): LossFunction =>
    () =>
      tf.tidy(() => tf.mul(0.5, tf.sum<tf.Scalar>(tf.mul(tf.square(w), [1, 2]))));

  /** One step from w, on the same variable for each step of an optimizer. */
  readonly step = (optimizer: SharpnessAwareOptimizer, w: readonly number[]): BowlStep => {
    const variable = this.#variables.get(optimizer) ?? this.own(tf.variable(tf.zeros([w.length])));
    this.#variables.set(optimizer, variable);
    tf.tidy(() => variable.assign(tf.tensor1d([...w])));
    const seen: number[][] = [];
    const watched = (): tf.Scalar => {
      seen.push(valuesOf(variable));
      return this.loss(variable)();
    };
    optimizer.minimize(watched, false, [variable]);
    const after = valuesOf(variable);
    const [first = [], second = []] = seen;
    return {
      offset: second.map((value, i) => value - (first[i] as number)),
      perturbed: gradientAt(second),
      clean: gradientAt(first),
      taken: w.map((value, i) => value - (after[i] as number)),
    };
  };

  /** Disposes all that is owned. May be called again. */
  readonly dispose = (): void => {
    this.#owned.splice(0).forEach((each) => each.dispose());
  };
}
