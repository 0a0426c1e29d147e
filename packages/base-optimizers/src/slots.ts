import type { WeightVector } from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';

/** What is remembered of each trained variable under some names: variables of its shape, zero at first. */
export class Slots {
  readonly #lists: ReadonlyMap<string, tf.Variable[]>;

  constructor(names: readonly string[]) {
    this.#lists = new Map(names.map((name) => [name, []]));
  }

  /** Makes the slots of the variables that were added at the end. */
  grow(variables: readonly tf.Variable[]): void {
    for (const list of this.#lists.values()) {
      for (const variable of variables.slice(list.length))
        list.push(tf.tidy(() => tf.zerosLike(variable).variable(false)));
    }
  }

  /** The slots of variable `index`, in the order of their names. */
  at(index: number): readonly tf.Variable[] {
    return [...this.#lists.values()].map((list) => list[index] as tf.Variable);
  }

  of(name: string): WeightVector | undefined {
    const list = this.#lists.get(name);
    return list === undefined || list.length === 0 ? undefined : list;
  }

  *owned(): Generator<tf.Variable> {
    for (const list of this.#lists.values()) yield* list;
  }

  save(): Record<string, WeightVector> {
    return Object.fromEntries([...this.#lists].filter(([, list]) => list.length > 0));
  }

  restore(slots: Readonly<Record<string, WeightVector>>): void {
    for (const [name, list] of this.#lists) {
      tf.dispose(list);
      list.splice(0, list.length, ...(slots[name] ?? []).map((value) => tf.tidy(() => value.clone().variable(false))));
    }
  }
}
