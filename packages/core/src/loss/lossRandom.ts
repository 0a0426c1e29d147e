import type { RandomStream } from '../tensors/random.js';

let current: RandomStream | undefined;

/**
 * The random numbers of the step that is being computed, for a loss that draws some, such as dropout. All passes of a
 * step get the same, which is what makes its gradients those of one function, and the next step gets others; a step
 * that is replayed as a graph draws its own. They are a function of the optimizer's seed and step index, so that a run
 * that is resumed goes on with them. undefined outside a step.
 *
 * Micro-batches and parts of a batch have a stream each.
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
