import type * as tf from '@tensorflow/tfjs-core';
import { FlatminError } from '../errors/errors.js';
import { awaitPlugin } from '../errors/faults.js';
import type { NamedTensor } from '../tensors/stateTree.js';
import type { BaseOptimizer, SlotValues } from './contract.js';
import type { WeightVector } from '../tensors/weightVector.js';

/**
 * Any other `tf.Optimizer` as a base. It belongs to the caller, and resumes as exactly as its own `getWeights` and
 * `setWeights` allow.
 */
export class ForeignBase implements BaseOptimizer {
  readonly id: string;
  readonly #optimizer: tf.Optimizer & { learningRate?: number; setLearningRate?(rate: number): void };

  constructor(optimizer: tf.Optimizer) {
    this.#optimizer = optimizer;
    this.id = optimizer.getClassName();
  }

  get learningRate(): number {
    return this.#optimizer.learningRate ?? Number.NaN;
  }

  set learningRate(value: number) {
    if (this.#optimizer.setLearningRate !== undefined) this.#optimizer.setLearningRate(value);
    else if (this.#optimizer.learningRate !== undefined) this.#optimizer.learningRate = value;
    else {
      throw new FlatminError(
        'BASE_MISSING',
        `the base optimizer ${this.id} has no learningRate to set. Give its class a learningRate property.`,
      );
    }
  }

  apply(variables: readonly tf.Variable[], gradients: readonly (tf.Tensor | undefined)[]): void {
    const named = variables.map(({ name }, i) => ({ name, tensor: gradients[i] ?? null }));
    this.#optimizer.applyGradients(named as NamedTensor[]);
  }

  option(name: string): number | undefined {
    const value = (this.#optimizer as unknown as Record<string, unknown>)[name];
    return typeof value === 'number' ? value : undefined;
  }

  slot(): WeightVector | undefined {
    return undefined;
  }

  owned(): Iterable<tf.Variable> {
    return [];
  }

  async save(): Promise<SlotValues> {
    const weights = await this.#optimizer.getWeights();
    // The position keeps names apart, and in order.
    return { slots: {}, scalars: Object.fromEntries(weights.map(({ name, tensor }, i) => [`${i}/${name}`, tensor])) };
  }

  restore({ slots, scalars }: SlotValues): Promise<void> {
    const others = Object.keys(slots);
    if (others.length === 0) return this.#setWeights(scalars);
    throw new FlatminError(
      'STATE_MISMATCH',
      `the saved optimizer has ${others.join(', ')}, which ${this.id} does not know. Create the optimizer with the base that it was saved with.`,
    );
  }

  async #setWeights(scalars: SlotValues['scalars']): Promise<void> {
    // As for TF.js's loader, whose tensors do not outlive the call either: no copies.
    const saved = Object.entries(scalars).map(([key, tensor]) => ({ name: key.slice(key.indexOf('/') + 1), tensor }));
    const left = 'What the base remembers may have changed.';
    await awaitPlugin(`the base ${this.id}`, 'taking what it had saved', () => this.#optimizer.setWeights(saved), left);
  }

  dispose(): void {
    // It belongs to the caller.
  }
}
