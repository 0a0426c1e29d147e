import type * as tf from '@tensorflow/tfjs-core';
import type { PackedMetrics } from './stepMetrics.js';
import { FlatminError } from '../errors/errors.js';
import type { LossFunction } from '../loss/loss.js';

/** Where the next step starts. With equal keys, active variables and shapes, two steps run the same operations. */
export interface StepPosition {
  /**
   * Which way the variant goes, as its `graphKey` says; null where that step cannot be replayed, as one that rho was
   * set for.
   */
  readonly graphKey: string | null;
  /** The variables of the optimizer; `active[i]` says whether the step trains variable i. */
  readonly variables: readonly tf.Variable[];
  readonly active: readonly boolean[];
  /** The state of the variant. */
  readonly state: unknown;
  /** Updates done before it. */
  readonly index: number;
}

/**
 * A step that creates variables, as the first one of a base does, or one that trains other variables: it has to run
 * eagerly.
 */
export class FirstOfItsKind extends FlatminError {
  constructor() {
    super('CAPTURE_REFUSED', 'the step creates variables. Create them before the first step.');
  }
}

/** What a step leaves, beside the variables that it moved. */
export interface StepResult {
  readonly loss: tf.Scalar;
  readonly state: unknown;
  readonly metrics: PackedMetrics;
}

/**
 * How steps that were recorded stand in for steps of the optimizer; for packages that replay them, such as
 * `@flatmin/graph`.
 */
export interface StepReplay {
  /** Binds a loaded checkpoint to the variables, as the next step would. */
  bindLoaded(loss: () => LossFunction, list: readonly tf.Variable[] | undefined): void;
  /** Undefined before the first step, and where it needs the loss to know its variables. */
  position(list: readonly tf.Variable[] | undefined): StepPosition | undefined;
  /**
   * Takes a step, shows `read` what it leaves while the variables hold their new values, and puts everything back; what
   * `read` keeps has to be kept by it.
   *
   * @throws FirstOfItsKind where the base would create memory for it; nothing has happened then.
   */
  trial<T>(loss: LossFunction, list: readonly tf.Variable[] | undefined, read: (left: StepResult) => T): T;
  /** Ends a step that was computed elsewhere, once its variables are moved; the tensors become the optimizer's. */
  take(left: Pick<StepResult, 'state' | 'metrics'>): void;
}
