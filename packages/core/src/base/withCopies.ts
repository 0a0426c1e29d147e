import * as tf from '@tensorflow/tfjs-core';
import { FlatminError } from '../errors/errors.js';
import { AroundBase } from './around.js';
import type { BaseOptimizer, EndedStep, SlotValues } from './contract.js';
import type { WeightVector } from '../tensors/weightVector.js';

/** What stands around a base and remembers one copy of the weights, under a name of its own. */
export abstract class WithCopies extends AroundBase {
  readonly #slotName: string;
  #copies: tf.Variable[] = [];

  constructor(inner: BaseOptimizer, slotName: string) {
    super(inner);
    this.#slotName = slotName;
  }

  /** The copies of those variables that have been seen; where one is new, what it held before the step. */
  protected copiesAt({ variables, before }: Pick<EndedStep, 'before' | 'variables'>): readonly tf.Variable[] {
    for (let i = this.#copies.length; i < variables.length; i++) {
      this.#copies.push(tf.tidy(() => (before[i] as tf.Tensor).clone().variable(false)));
    }
    return this.#copies;
  }

  protected get copies(): readonly tf.Variable[] {
    return this.#copies;
  }

  override release(): BaseOptimizer {
    tf.dispose(this.#copies.splice(0));
    return this.inner;
  }

  override *owned(): Generator<tf.Variable> {
    yield* this.inner.owned();
    yield* this.#copies;
  }

  override slot(name: string): WeightVector | undefined {
    if (name !== this.#slotName) return this.inner.slot(name);
    return this.#copies.length === 0 ? undefined : this.#copies;
  }

  override async save(): Promise<SlotValues> {
    const { slots, scalars } = await this.inner.save();
    return { slots: { ...slots, ...(this.#copies.length > 0 && { [this.#slotName]: this.#copies }) }, scalars };
  }

  override restore({ slots, scalars }: SlotValues, variables: readonly tf.Variable[]): void | Promise<void> {
    const { [this.#slotName]: copies = [], ...others } = slots;
    if (copies.length === 0 && Object.keys(slots).length + Object.keys(scalars).length > 0 && variables.length > 0) {
      throw new FlatminError(
        'STATE_MISMATCH',
        `the saved optimizer has no ${this.#slotName}. Create the optimizer from the spec that it was saved with.`,
      );
    }
    const restored = this.inner.restore({ slots: others, scalars }, variables);
    tf.dispose(this.#copies);
    this.#copies = copies.map((copy) => tf.tidy(() => copy.clone().variable(false)));
    return restored;
  }
}
