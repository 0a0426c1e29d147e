import * as tf from '@tensorflow/tfjs-core';
import { FlatminError } from '../errors/errors.js';
import { type Snapshot, Statistics } from '../loss/statistics.js';
import { alias, isGone } from '../tensors/tensors.js';
import type { WeightVector } from '../tensors/weightVector.js';

/** A variable that holds the weights to evaluate with, and those that train until it gets them back. */
interface Moved {
  readonly variable: tf.Variable;
  readonly training: tf.Tensor;
  /** What it was given: it holds other data once somebody has assigned to it. */
  readonly given: tf.DataId;
}

interface Away {
  readonly moved: readonly Moved[];
  readonly statistics: Statistics;
  readonly before: Snapshot;
}

/**
 * Which weights the variables of an optimizer hold: those that train, or those to evaluate with. The former are kept as
 * they are, so that they come back to the bit, and statistics with them.
 */
export class WeightsInUse {
  #away: Away | undefined;
  /** What runs at the weights to evaluate with and has not ended. */
  #running = 0;
  /** Whether the variables held those before it. */
  #stays = false;

  get areAway(): boolean {
    return this.#away !== undefined;
  }

  /** The weights that train, where the variables do not hold them, in the order in which they went. */
  get training(): WeightVector | undefined {
    return this.#away?.moved.map(({ training }) => training);
  }

  /**
   * Gives the variables these weights.
   *
   * @param exempt what the base keeps for itself.
   */
  leave(variables: readonly tf.Variable[], weights: WeightVector, exempt: ReadonlySet<tf.Variable>): void {
    const statistics = new Statistics(exempt);
    const before = statistics.snapshot();
    const moved = variables.map((variable, i): Moved => {
      const training = tf.keep(alias(variable));
      variable.assign(weights[i] as tf.Tensor);
      return { variable, training, given: variable.dataId };
    });
    this.#away = { moved, statistics, before };
  }

  /**
   * Gives the variables the weights that train; one that somebody else has given other values meanwhile keeps them, and
   * then so do statistics.
   *
   * @param always gives them back also then.
   */
  goBack(always = false): void {
    if (this.#away === undefined) return;
    const { moved, statistics, before } = this.#away;
    this.#away = undefined;
    const own = moved.filter(({ variable, given }) => !isGone(variable) && (always || variable.dataId === given));
    for (const { variable, training } of own) variable.assign(training);
    if (own.length === moved.length) statistics.restore(before);
    statistics.release();
    tf.dispose(moved.map(({ training }) => training));
  }

  /**
   * Runs something at the weights to evaluate with; when it ends, which an asynchronous one does later, the variables
   * hold what they held before.
   */
  during<T>(leave: () => void, run: () => T): T {
    if (this.#running === 0) this.#stays = this.areAway;
    this.#running += 1;
    const end = (): void => {
      this.#running -= 1;
      if (this.#running === 0 && !this.#stays) this.goBack(true);
    };
    let isPending = false;
    try {
      leave();
      const result = run();
      isPending = isThenable(result);
      return isPending ? (Promise.resolve(result).finally(end) as T) : result;
    } finally {
      if (!isPending) end();
    }
  }

  /** Before a step: goes back, and refuses it where something still runs at the weights to evaluate with. */
  train(): void {
    if (this.#running === 0) return this.goBack();
    throw new FlatminError(
      'VARIABLES_CHANGED',
      'a step was taken while withEvaluationWeights is running and the variables hold the evaluation weights. ' +
        'Nothing was changed. Take the step after it has ended.',
    );
  }

  /** Frees what it keeps; the variables stay as they are. */
  dispose(): void {
    this.#away?.statistics.release();
    tf.dispose(this.#away?.moved.map(({ training }) => training) ?? []);
    this.#away = undefined;
  }
}

const isThenable = (value: unknown): boolean =>
  typeof (value as { readonly then?: unknown } | null | undefined)?.then === 'function';
