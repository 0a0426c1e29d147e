import type { RandomStream } from '../tensors/random.js';

let current: RandomStream | undefined;

/**
 * The random numbers of the step that is being computed, for a loss that draws some, such as one with dropout. All
 * passes of a step get the same numbers, so that their gradients belong to one function; the next step gets others, and
 * a step that is replayed as a graph draws its own. They depend only on the optimizer's seed and the step index, so a
 * resumed run draws the same. Returns undefined outside a step.
 *
 * Each micro-batch and each part of a batch has its own stream.
 *
 * Cost: none.
 *
 * @example
 * ```ts fragment
 * const noise = lossRandom()?.at('noise').normal(x.shape);
 * ```
 */
export function lossRandom(): RandomStream | undefined {
  return current;
}

/** Runs `pass` where {@link lossRandom} is `random`. */
export function withLossRandom<T>(random: RandomStream | undefined, pass: () => T): T {
  const before = current;
  current = random;
  try {
    return pass();
  } finally {
    current = before;
  }
}

/** Runs a pass over part `index` of a batch, with the random numbers of that part. */
export function withLossRandomOfPart<T>(index: number, pass: () => T): T {
  return withLossRandom(current?.at(index), pass);
}
