import { FlatminError, stepInput } from '@flatmin/core';
import type { BaseOptimizer, ParameterInfo, SlotValues, WeightVector } from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';
import type { Decay } from './decay.js';
import { SharedScalars } from './sharedScalars.js';
import { Slots } from './slots.js';
import type { Scalars, UpdateRule, VariableUpdate } from './updateRule.js';

const noScalars: Scalars = [];

/** The error of what another base saved. */
export function otherMemory(id: string, saved: readonly string[], own: readonly string[]): FlatminError {
  return new FlatminError(
    'STATE_MISMATCH',
    `the saved base remembers ${saved.join(', ')}, and ${id} with these options ${own.join(', ') || 'nothing'}. Create the ` +
      'optimizer from the spec that it was saved with.',
  );
}

/** What variables share whose scalars are the same, made once for each of them. */
function sharedBy<T>(groups: readonly Scalars[], make: (scalars: Scalars) => T): (index: number) => T {
  const made = new Map<Scalars, T>();
  return (index) => {
    const scalars = groups[index] ?? noScalars;
    const found = made.get(scalars) ?? make(scalars);
    made.set(scalars, found);
    return found;
  };
}

/** A variable and its gradient as the rule gets them. */
interface Decayed {
  readonly theta: tf.Tensor;
  readonly towards: tf.Tensor;
  readonly lambda?: tf.Scalar;
}

/**
 * An update rule as a base: it decays and moves the variables that have a gradient, and keeps what the rule remembers.
 */
export class RuleBase implements BaseOptimizer {
  readonly id: string;
  readonly isReplayable = true;
  readonly decaysByGroup = true;
  readonly movesAlone: boolean;
  readonly evaluationWeights?: NonNullable<BaseOptimizer['evaluationWeights']>;
  learningRate: number;
  readonly #rule: UpdateRule;
  readonly #decay: Decay;
  readonly #slots: Slots;
  readonly #scalars: SharedScalars | undefined;

  constructor(rule: UpdateRule, decay: Decay, learningRate: number) {
    this.id = rule.id;
    this.learningRate = learningRate;
    this.#rule = rule;
    this.#decay = decay;
    this.#slots = new Slots(rule.slots);
    this.#scalars = rule.scalars && new SharedScalars(rule.scalars);
    this.movesAlone = rule.evaluation !== undefined;
    // Absent where there are no others: who asks whether a base has such looks for it.
    if (rule.evaluation !== undefined) this.evaluationWeights = (weights) => this.#evaluated(weights);
  }

  /** What it saves of each variable. */
  get slotNames(): readonly string[] {
    return [...this.#rule.slots, ...(this.#rule.scalars?.names ?? [])];
  }

  needsEagerStep(active: readonly boolean[]): boolean {
    return this.#scalars?.parts(active) ?? false;
  }

  apply(
    variables: readonly tf.Variable[],
    gradients: readonly (tf.Tensor | undefined)[],
    parameters: readonly ParameterInfo[],
  ): void {
    this.#slots.grow(variables);
    tf.tidy(() => {
      const { updateAt, decayed } = this.#begin(
        gradients.map((each) => each !== undefined),
        parameters,
      );
      variables.forEach((variable, i) => {
        const gradient = gradients[i];
        if (gradient === undefined) return;
        const update = updateAt(i);
        const slots = this.#slots.at(i);
        tf.tidy(() => {
          const { theta, towards, lambda } = decayed(variable, gradient, parameters[i] as ParameterInfo);
          const left = update(theta, towards, slots, lambda);
          variable.assign(left.theta);
          slots.forEach((slot, j) => slot.assign(left.slots[j] as tf.Tensor));
        });
      });
    });
  }

  option(name: string): number | undefined {
    return name === 'learningRate' ? this.learningRate : this.#rule.options[name];
  }

  slot(name: string): WeightVector | undefined {
    return this.#slots.of(name);
  }

  preconditioner(): WeightVector | undefined {
    const rule = this.#rule;
    if (rule.preconditioner === undefined) return undefined;
    const of = sharedBy(this.#scalars?.groups ?? [], (scalars) => rule.preconditioner?.(scalars));
    return this.#slots.of(rule.slots[0] as string)?.map((_, i) => of(i)?.(this.#slots.at(i)) as tf.Tensor);
  }

  *owned(): Generator<tf.Variable> {
    yield* this.#slots.owned();
    yield* this.#scalars?.owned() ?? [];
  }

  async save(): Promise<SlotValues> {
    return { slots: { ...this.#slots.save(), ...this.#scalars?.save() }, scalars: {} };
  }

  restore({ slots }: SlotValues): void {
    this.#refuseOthers(Object.keys(slots));
    this.#slots.restore(slots);
    this.#scalars?.restore(slots);
  }

  dispose(): void {
    this.restore({ slots: {}, scalars: {} });
  }

  #evaluated(weights: WeightVector): WeightVector | undefined {
    const rule = this.#rule;
    if (this.#slots.of(rule.slots[0] as string) === undefined) return undefined; // It has taken no step.
    return weights.map((weight, i) => rule.evaluation?.(weight, this.#slots.at(i)) ?? weight);
  }

  /** What another base remembered may have the same names, such as Adam's moments. */
  #refuseOthers(saved: readonly string[]): void {
    const own = [...this.slotNames].sort();
    if (saved.length > 0 && [...saved].sort().join() !== own.join()) throw otherMemory(this.id, saved, own);
  }

  /** The tensors of a step: the learning rate is supplied, so that a replayed step asks for it again. */
  #begin(active: readonly boolean[], parameters: readonly ParameterInfo[]) {
    const { decayRoles } = this.#decay;
    const [rate] = stepInput(() => [tf.scalar(this.learningRate)]);
    this.#scalars?.advance(active, rate);
    const factors = this.#decayFactors(parameters);
    const updateAt = sharedBy<VariableUpdate>(this.#scalars?.groups ?? [], (scalars) =>
      this.#rule.begin(rate, scalars),
    );
    const decayed = (theta: tf.Tensor, gradient: tf.Tensor, { role, decay = 1 }: ParameterInfo): Decayed => {
      const factor = decayRoles.includes(role) ? factors.get(decay) : undefined;
      if (factor === undefined) return { theta, towards: gradient };
      if (this.#rule.decaysItself) return { theta, towards: gradient, lambda: factor };
      return this.#shrinks
        ? { theta: tf.mul(theta, factor), towards: gradient }
        : { theta, towards: tf.add(gradient, tf.mul(factor, theta)) };
    };
    return { updateAt, decayed };
  }

  /** True where the weights themselves shrink, by a factor. */
  get #shrinks(): boolean {
    return this.#decay.decoupled && this.#rule.decaysItself !== true;
  }

  /** For each `decay` of the groups that is one: 1 - learningRate lambda where weights shrink by it, else lambda. */
  #decayFactors(parameters: readonly ParameterInfo[]): ReadonlyMap<number, tf.Scalar> {
    const { weightDecay } = this.#decay;
    const factorOf = (lambda: number): tf.Scalar =>
      this.#shrinks ? stepInput(() => [tf.scalar(1 - this.learningRate * lambda)])[0] : tf.scalar(lambda);
    const decays = [...new Set(parameters.map(({ decay = 1 }) => decay))].filter((decay) => weightDecay * decay > 0);
    return new Map(decays.map((decay) => [decay, factorOf(weightDecay * decay)]));
  }
}
