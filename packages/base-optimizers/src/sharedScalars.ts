import type { WeightVector } from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';

/** Scalars by the steps of a variable, such as their number. */
export interface ScalarRule {
  readonly names: readonly string[];
  /** Their values with this step, from those before it, which are 0 at first. */
  advance(before: readonly tf.Scalar[], learningRate: tf.Scalar): readonly tf.Scalar[];
}

/**
 * The number of steps that a variable has taken, in float32, which counts to 2^24. A count that stays there changes
 * nothing: 1 - beta^t has been 1 for long.
 */
export const stepCount: ScalarRule = { names: ['steps'], advance: ([t]) => [tf.add(t as tf.Scalar, 1)] };

/** The scalars of variables that have always stepped together. */
type Group = readonly tf.Variable[];

const groupOf = (values: readonly number[]): Group =>
  values.map((value) => tf.tidy(() => tf.scalar(value).variable(false)));

/**
 * Scalars of each variable, as tensors, so that a replayed step moves them too. Variables that have always stepped
 * together share theirs, which is the case of nearly every run; those that did not take part in a step part from the
 * others.
 */
export class SharedScalars {
  readonly #rule: ScalarRule;
  /** That of each variable. */
  #groups: readonly Group[] = [];

  constructor(rule: ScalarRule) {
    this.#rule = rule;
  }

  /** That of each variable. */
  get groups(): readonly (readonly tf.Scalar[])[] {
    return this.#groups as unknown as readonly (readonly tf.Scalar[])[];
  }

  /** True where a step of these variables alone would part some that share theirs. */
  parts(active: readonly boolean[]): boolean {
    const idle = this.#idle(active);
    return this.#groups.some((group, i) => active[i] === true && idle.has(group));
  }

  /** Takes a step of the variables that are active. */
  advance(active: readonly boolean[], learningRate: tf.Scalar): void {
    this.#grow(active.length);
    this.#part(active);
    for (const group of new Set(this.#groups.filter((_, i) => active[i]))) {
      const after = this.#rule.advance(group as unknown as readonly tf.Scalar[], learningRate);
      group.forEach((scalar, i) => scalar.assign(after[i] as tf.Scalar));
    }
  }

  owned(): Iterable<tf.Variable> {
    return [...new Set(this.#groups)].flat();
  }

  /** By name, one scalar per variable. */
  save(): Record<string, WeightVector> {
    if (this.#groups.length === 0) return {};
    const of = (i: number): WeightVector => this.#groups.map((group) => group[i] as tf.Variable);
    return Object.fromEntries(this.#rule.names.map((name, i) => [name, of(i)]));
  }

  /** Reads the scalars once, to see which are the same. */
  restore(saved: Readonly<Record<string, WeightVector>>): void {
    const { names } = this.#rule;
    const values = names.map((name) => valuesOf(saved[name] ?? []));
    tf.dispose([...this.owned()]);
    const shared = new Map<string, Group>();
    this.#groups = (values[0] ?? []).map((_, i) => {
      const own = values.map((all) => all[i] as number);
      const group = shared.get(own.join()) ?? groupOf(own);
      shared.set(own.join(), group);
      return group;
    });
  }

  #idle(active: readonly boolean[]): ReadonlySet<Group> {
    return new Set(this.#groups.filter((_, i) => active[i] !== true));
  }

  #grow(length: number): void {
    if (length <= this.#groups.length) return;
    const added = groupOf(this.#rule.names.map(() => 0));
    this.#groups = Array.from({ length }, (_, i) => this.#groups[i] ?? added);
  }

  #part(active: readonly boolean[]): void {
    const idle = this.#idle(active);
    const copies = new Map<Group, Group>();
    this.#groups = this.#groups.map((group, i) => {
      if (active[i] !== true || !idle.has(group)) return group;
      const copy = copies.get(group) ?? group.map((each) => tf.tidy(() => each.clone().variable(false)));
      copies.set(group, copy);
      return copy;
    });
  }
}

function valuesOf(scalars: WeightVector): readonly number[] {
  if (scalars.length === 0) return [];
  const all = tf.tidy(() => tf.stack([...scalars]));
  const values = Array.from(all.dataSync());
  all.dispose();
  return values;
}
