import { FlatminError, stepInput } from '@flatmin/core';
import type { BaseOptimizer, ParameterInfo, SlotValues, WeightVector } from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';
import type { Decay } from './decay.js';
import { Slots } from './slots.js';
import { StepCounts } from './stepCounts.js';

/** What a step makes of one variable: its new value, and those of its slots, in their order. */
export type VariableUpdate = (theta: tf.Tensor, gradient: tf.Tensor, slots: readonly tf.Tensor[]) => Updated;

export interface Updated {
  readonly theta: tf.Tensor;
  readonly slots: readonly tf.Tensor[];
}

/** An optimizer as its formula has it: tensors in, tensors out; weight decay apart. */
export interface UpdateRule {
  readonly id: string;
  /** Hyper-parameters by name. */
  readonly options: Readonly<Record<string, number>>;
  /** What is remembered of each variable. */
  readonly slots: readonly string[];
  /** True where it needs to know how many steps a variable has taken. */
  readonly isCounting: boolean;
  /** What all variables of a step share that have taken `count` steps with this one, computed once. */
  begin(learningRate: tf.Scalar, count?: tf.Scalar): VariableUpdate;
  /**
   * P of a weight from its slots, as `BaseOptimizer` has it; what all variables share after their step `count` is
   * computed once. Absent: 1, or not known.
   */
  preconditioner?(count?: tf.Scalar): (slots: readonly tf.Tensor[]) => tf.Tensor;
}

type PreconditionerOf = (slots: readonly tf.Tensor[]) => tf.Tensor;

/** What variables share that have taken as many steps, made once for each count. */
function sharedByCount<T>(counts: WeightVector, make: (count?: tf.Scalar) => T): (index: number) => T {
  const made = new Map<tf.Tensor | undefined, T>();
  return (index) => {
    const count = counts[index];
    const found = made.get(count) ?? make(count as tf.Scalar | undefined);
    made.set(count, found);
    return found;
  };
}

/** The name under which counts are saved. */
const countSlot = 'steps';

/**
 * An update rule as a base: it decays and moves the variables that have a gradient, and keeps what the rule remembers.
 */
export class RuleBase implements BaseOptimizer {
  readonly id: string;
  readonly isReplayable = true;
  learningRate: number;
  readonly #rule: UpdateRule;
  readonly #decay: Decay;
  readonly #slots: Slots;
  readonly #counts = new StepCounts();

  constructor(rule: UpdateRule, decay: Decay, learningRate: number) {
    this.id = rule.id;
    this.learningRate = learningRate;
    this.#rule = rule;
    this.#decay = decay;
    this.#slots = new Slots(rule.slots);
  }

  needsEagerStep(active: readonly boolean[]): boolean {
    return this.#counts.parts(active);
  }

  apply(
    variables: readonly tf.Variable[],
    gradients: readonly (tf.Tensor | undefined)[],
    parameters: readonly ParameterInfo[],
  ): void {
    this.#slots.grow(variables);
    tf.tidy(() => {
      const counts = this.#rule.isCounting ? this.#counts.advance(gradients.map((each) => each !== undefined)) : [];
      const { updateAt, decayed } = this.#begin(counts);
      variables.forEach((variable, i) => {
        const gradient = gradients[i];
        if (gradient === undefined) return;
        const update = updateAt(i);
        const slots = this.#slots.at(i);
        tf.tidy(() => {
          const left = update(...decayed(variable, gradient, parameters[i]), slots);
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
    const of = sharedByCount(this.#counts.save(), (count) => rule.preconditioner?.(count) as PreconditionerOf);
    return this.#slots.of(rule.slots[0] as string)?.map((_, i) => of(i)(this.#slots.at(i)));
  }

  *owned(): Generator<tf.Variable> {
    yield* this.#slots.owned();
    yield* this.#counts.owned();
  }

  async save(): Promise<SlotValues> {
    const counts = this.#counts.save();
    return { slots: { ...this.#slots.save(), ...(counts.length === 0 ? {} : { [countSlot]: counts }) }, scalars: {} };
  }

  restore({ slots }: SlotValues): void {
    this.#refuseOthers(Object.keys(slots));
    this.#slots.restore(slots);
    this.#counts.restore(slots[countSlot] ?? []);
  }

  dispose(): void {
    this.restore({ slots: {}, scalars: {} });
  }

  /** What another base remembered may have the same names, such as Adam's moments. */
  #refuseOthers(saved: readonly string[]): void {
    const own = [...this.#rule.slots, ...(this.#rule.isCounting ? [countSlot] : [])];
    if (saved.length === 0 || [...saved].sort().join() === own.sort().join()) return;
    throw new FlatminError(
      'STATE_MISMATCH',
      `the saved base remembers ${saved.join(', ')}, and ${this.id} with these options ${own.join(', ') || 'nothing'}. Create the ` +
        'optimizer from the spec that it was saved with.',
    );
  }

  /** The tensors of a step: the learning rate is supplied, so that a replayed step asks for it again. */
  #begin(counts: readonly tf.Variable[]) {
    const { weightDecay, decoupled, decayRoles } = this.#decay;
    const [rate, kept] = stepInput(() => [
      tf.scalar(this.learningRate),
      tf.scalar(1 - this.learningRate * weightDecay),
    ]);
    const lambda = tf.scalar(weightDecay);
    const updateAt = sharedByCount(counts, (count) => this.#rule.begin(rate, count));
    const decayed = (
      theta: tf.Tensor,
      gradient: tf.Tensor,
      parameter: ParameterInfo | undefined,
    ): [tf.Tensor, tf.Tensor] => {
      if (weightDecay === 0 || parameter === undefined || !decayRoles.includes(parameter.role))
        return [theta, gradient];
      return decoupled ? [tf.mul(theta, kept), gradient] : [theta, tf.add(gradient, tf.mul(lambda, theta))];
    };
    return { updateAt, decayed };
  }
}
