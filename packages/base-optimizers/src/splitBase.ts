import { FlatminError } from '@flatmin/core';
import type { BaseOptimizer, ParameterInfo, SlotValues, WeightVector } from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';
import { otherMemory, type RuleBase } from './ruleBase.js';

/** Two bases, and which variables the first one takes. */
export interface Split {
  readonly id: string;
  /** Its first slot has a tensor of rank 1 or more for each of its variables. */
  readonly first: RuleBase;
  readonly second: RuleBase;
  /** For each variable, whether the first one takes it. */
  takes(parameters: readonly ParameterInfo[]): readonly boolean[];
}

type Bases = readonly [first: RuleBase, second: RuleBase];

/**
 * A base that hands some variables to one base and the others to another, whose learning rates keep their ratio: a
 * schedule moves both.
 */
export class SplitBase implements BaseOptimizer {
  readonly id: string;
  readonly isReplayable = true;
  readonly decaysByGroup = true;
  readonly #split: Split;
  readonly #bases: Bases;
  readonly #ratio: number;
  /** Which base has each variable: 0 or 1. */
  #owner: readonly number[] = [];
  #described: { readonly parameters: readonly ParameterInfo[]; readonly owner: readonly number[] } | undefined;
  /** Saved in the place of what is not there. */
  #nothing: tf.Scalar | undefined;

  /** @param split where the learning rate of the first is above 0. */
  constructor(split: Split) {
    this.id = split.id;
    this.#split = split;
    this.#bases = [split.first, split.second];
    this.#ratio = split.second.learningRate / split.first.learningRate;
  }

  get learningRate(): number {
    return this.#split.first.learningRate;
  }

  set learningRate(value: number) {
    this.#split.first.learningRate = value;
    this.#split.second.learningRate = value * this.#ratio;
  }

  needsEagerStep(active: readonly boolean[]): boolean {
    return this.#bases.some((base, owner) => base.needsEagerStep(this.#of(owner, active)));
  }

  apply(
    variables: readonly tf.Variable[],
    gradients: readonly (tf.Tensor | undefined)[],
    parameters: readonly ParameterInfo[],
  ): void {
    const owner = this.#ownersOf(parameters);
    const changed = this.#owner.findIndex((before, i) => before !== owner[i]);
    if (changed >= 0) throw otherRole(variables[changed] as tf.Variable, this.id);
    this.#owner = owner;
    this.#bases.forEach((base, which) =>
      base.apply(this.#of(which, variables), this.#of(which, gradients), this.#of(which, parameters)),
    );
  }

  option(name: string): number | undefined {
    return this.#split.first.option(name);
  }

  /** None: a slot is there for some variables alone. */
  slot(): undefined {
    return undefined;
  }

  *owned(): Generator<tf.Variable> {
    for (const base of this.#bases) yield* base.owned();
  }

  /** Each slot has a scalar in the place of a variable that the other base takes. */
  async save(): Promise<SlotValues> {
    this.#nothing ??= tf.keep(tf.scalar(0));
    const slots: Record<string, WeightVector> = {};
    for (const [which, base] of this.#bases.entries()) {
      for (const [name, vector] of Object.entries((await base.save()).slots)) {
        const own = vector.values();
        slots[name] = this.#owner.map((owner) => (owner === which ? own.next().value : this.#nothing) as tf.Tensor);
      }
    }
    return { slots, scalars: {} };
  }

  restore({ slots }: SlotValues): void {
    const [first, second] = this.#bases;
    const names = Object.keys(slots);
    const known = [...first.slotNames, ...second.slotNames];
    if (!names.every((name) => known.includes(name))) throw otherMemory(this.id, names, known);
    const { [first.slotNames[0] as string]: ofFirst, ...others } = slots;
    // Without one of the first's, all variables are the second's.
    const owner = ofFirst?.map(({ rank }) => (rank === 0 ? 1 : 0)) ?? Object.values(others)[0]?.map(() => 1) ?? [];
    this.#bases.forEach((base, which) => {
      const own = names
        .filter((name) => base.slotNames.includes(name))
        .map((name) => [name, slots[name]?.filter((_, i) => owner[i] === which) ?? []] as const)
        .filter(([, vector]) => vector.length > 0);
      base.restore({ slots: Object.fromEntries(own), scalars: {} });
    });
    this.#owner = owner;
  }

  dispose(): void {
    this.restore({ slots: {}, scalars: {} });
    this.#nothing?.dispose();
    this.#nothing = undefined;
  }

  /** Asked of the split once, as all steps over the same variables have the same parameters. */
  #ownersOf(parameters: readonly ParameterInfo[]): readonly number[] {
    if (this.#described?.parameters !== parameters) {
      const owner = this.#split.takes(parameters).map((isFirst) => (isFirst ? 0 : 1));
      this.#described = { parameters, owner };
    }
    return this.#described.owner;
  }

  #of<T>(which: number, all: readonly T[]): T[] {
    return all.filter((_, i) => this.#owner[i] === which);
  }
}

function otherRole({ name }: tf.Variable, id: string): FlatminError {
  return new FlatminError(
    'STATE_MISMATCH',
    `${id} remembers ${name} as of another role: it was trained by its other half. Nothing was changed. Give the roles, and ` +
      'the options, that it was saved with.',
  );
}
