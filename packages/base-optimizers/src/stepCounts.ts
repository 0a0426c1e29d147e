import type { WeightVector } from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';

const countFrom = (value: number): tf.Variable => tf.tidy(() => tf.scalar(value).variable(false));

/**
 * How many steps each variable has taken, as tensors, so that a replayed step counts too. Variables that have always
 * stepped together share one count, which is the case of nearly every run; those that did not take part in a step part
 * from the others.
 *
 * float32 counts to 2^24. A count that stays there changes nothing: 1 - beta^t has been 1 for long.
 */
export class StepCounts {
  /** The count of each variable. */
  #counts: readonly tf.Variable[] = [];

  /** True where a step of these variables alone would part some that share a count. */
  parts(active: readonly boolean[]): boolean {
    const idle = this.#idle(active);
    return this.#counts.some((count, i) => active[i] === true && idle.has(count));
  }

  /** Counts a step of the variables that are active; gives the counts of all. */
  advance(active: readonly boolean[]): readonly tf.Variable[] {
    this.#grow(active.length);
    this.#part(active);
    for (const count of new Set(this.#counts.filter((_, i) => active[i]))) count.assign(tf.add(count, 1));
    return this.#counts;
  }

  owned(): Iterable<tf.Variable> {
    return new Set(this.#counts);
  }

  /** One count per variable. */
  save(): WeightVector {
    return this.#counts;
  }

  /** Reads the counts once, to see which are one. */
  restore(saved: WeightVector): void {
    const values = saved.map((count) => count.dataSync()[0] as number);
    tf.dispose([...this.owned()]);
    const shared = new Map([...new Set(values)].map((value) => [value, countFrom(value)]));
    this.#counts = values.map((value) => shared.get(value) as tf.Variable);
  }

  #idle(active: readonly boolean[]): ReadonlySet<tf.Variable> {
    return new Set(this.#counts.filter((_, i) => active[i] !== true));
  }

  #grow(length: number): void {
    if (length <= this.#counts.length) return;
    const added = countFrom(0);
    this.#counts = Array.from({ length }, (_, i) => this.#counts[i] ?? added);
  }

  #part(active: readonly boolean[]): void {
    const idle = this.#idle(active);
    const copies = new Map<tf.Variable, tf.Variable>();
    this.#counts = this.#counts.map((count, i) => {
      if (active[i] !== true || !idle.has(count)) return count;
      const copy = copies.get(count) ?? tf.tidy(() => count.clone().variable(false));
      copies.set(count, copy);
      return copy;
    });
  }
}
