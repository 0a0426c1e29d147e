import type * as tf from '@tensorflow/tfjs-core';
import type { ParameterInfo } from '../variant/parameters.js';
import type { WeightVector } from '../tensors/weightVector.js';
import type { BaseOptimizer, EndedStep, SlotValues } from './contract.js';

/** What stands around a base: it does as the base does, and what a subclass adds. */
export abstract class AroundBase implements BaseOptimizer {
  readonly evaluationWeights?: NonNullable<BaseOptimizer['evaluationWeights']>;

  constructor(protected readonly inner: BaseOptimizer) {
    if (inner.evaluationWeights === undefined) return;
    this.evaluationWeights = (weights, index) => inner.evaluationWeights?.(weights, index);
  }

  get id(): string {
    return this.inner.id;
  }

  get isReplayable(): boolean {
    return this.inner.isReplayable ?? false;
  }

  get decaysByGroup(): boolean {
    return this.inner.decaysByGroup ?? false;
  }

  get movesAlone(): boolean {
    return this.inner.movesAlone ?? false;
  }

  get learningRate(): number {
    return this.inner.learningRate;
  }

  set learningRate(value: number) {
    this.inner.learningRate = value;
  }

  /** Frees what it remembers itself, and gives back the base. */
  release(): BaseOptimizer {
    return this.inner;
  }

  needsEagerStep(active: readonly boolean[]): boolean {
    return this.inner.needsEagerStep?.(active) ?? false;
  }

  constants(): Iterable<tf.Tensor> {
    return this.inner.constants?.() ?? [];
  }

  owned(): Iterable<tf.Variable> {
    return this.inner.owned();
  }

  apply(
    variables: readonly tf.Variable[],
    gradients: readonly (tf.Tensor | undefined)[],
    parameters: readonly ParameterInfo[],
  ): void {
    this.inner.apply(variables, gradients, parameters);
  }

  afterStep(step: EndedStep): void {
    this.inner.afterStep?.(step);
  }

  option(name: string): number | undefined {
    return this.inner.option(name);
  }

  slot(name: string): WeightVector | undefined {
    return this.inner.slot(name);
  }

  preconditioner(): WeightVector | undefined {
    return this.inner.preconditioner?.();
  }

  save(): Promise<SlotValues> {
    return this.inner.save();
  }

  restore(values: SlotValues, variables: readonly tf.Variable[]): void | Promise<void> {
    return this.inner.restore(values, variables);
  }

  dispose(): void {
    this.release().dispose();
  }
}
