import { FlatminError } from '@flatmin/core';
import { show } from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';
import type * as z from 'zod';
import { assignVariables, copyVariables, type NamedTensor } from '../checkpoint/checkpoint.js';
import type { BestState } from '../checkpoint/runState.js';
import { earlyStoppingSchema, type EarlyStoppingOptions, signOf } from '../settings/earlyStopping.js';
import { plateauSchema } from '../settings/plateau.js';
import type { TrainSettings } from '../settings/trainSettings.js';
import type { AnyModel } from '../tasks/task.js';
import type { Judged } from './judge.js';

/** Watches the evaluations of a run: keeps the best weights, and says when to stop. */
export class EarlyStopping {
  readonly #model: AnyModel;
  readonly #options: z.output<typeof earlyStoppingSchema> | undefined;
  #best: BestState | undefined;
  #weights: NamedTensor[] = [];

  constructor(model: AnyModel, options: EarlyStoppingOptions | undefined) {
    this.#model = model;
    this.#options = options && earlyStoppingSchema.parse(options);
  }

  get best(): BestState | undefined {
    return this.#best;
  }

  /** The best weights; they stay this object's. Empty where they will not be restored. */
  get weights(): readonly NamedTensor[] {
    return this.#weights;
  }

  /** True once the patience is used up. */
  get isOver(): boolean {
    return this.#best !== undefined && this.#best.stale >= (this.#options?.patience ?? Infinity);
  }

  /** Goes on from a checkpoint, whose tensors stay the caller's. */
  resume(best: BestState | undefined, weights: readonly NamedTensor[]): void {
    this.#best = best;
    this.#keep(weights.map(({ name, tensor }) => ({ name, tensor: tensor.clone() })));
  }

  /** Compares an evaluation with the best so far. */
  judge(found: Judged, at: { readonly epoch: number; readonly step: number }): void {
    if (this.#options === undefined) return;
    const { metric, minDelta, restoreBest } = this.#options;
    const value = valueOf(found, metric, 'earlyStopping');
    const sign = signOf(this.#options);
    // The first counts as it is, unless it is not a number.
    const isBetter =
      this.#best === undefined || Number.isNaN(this.#best.value) || sign * (value - this.#best.value) > minDelta;
    if (!isBetter) {
      this.#best = { ...(this.#best as BestState), stale: (this.#best as BestState).stale + 1 };
      return;
    }
    this.#best = { value, epoch: at.epoch, step: at.step, stale: 0 };
    if (restoreBest) this.#keep(copyVariables(this.#model));
  }

  /** Gives the model its best weights, where that was asked for. */
  finish(): void {
    if (this.#weights.length > 0) assignVariables(this.#model, this.#weights);
  }

  dispose(): void {
    this.#keep([]);
  }

  #keep(weights: NamedTensor[]): void {
    tf.dispose(this.#weights.map(({ tensor }) => tensor));
    this.#weights = weights;
  }
}

/**
 * Refuses a metric that evaluations as these do not give; one that is generated is told by the end of an epoch alone.
 *
 * @throws FlatminError RUN_INVALID, with those that they give.
 */
export function requireMetric(found: Judged, { earlyStopping, evaluate, reduceOnPlateau }: TrainSettings): void {
  const watched = {
    earlyStopping: earlyStopping && earlyStoppingSchema.parse(earlyStopping),
    reduceOnPlateau: reduceOnPlateau && plateauSchema.parse(reduceOnPlateau),
  };
  for (const [by, options] of Object.entries(watched)) {
    if (options === undefined) continue;
    const { metric } = options;
    if (!evaluate?.generate?.some((part) => metric.startsWith(`${part}.`))) valueOf(found, metric, by);
  }
}

/** The value of a metric in an evaluation, which `by` watches. */
export function valueOf(found: Judged, metric: string, by: string): number {
  const all = Object.entries(found).flatMap(([part, { scores, ...metrics }]) =>
    Object.entries({ ...metrics, ...scores }).map(([name, value]) => [`${part}.${name}`, value] as const),
  );
  const value = new Map<string, number>(all).get(metric);
  if (value !== undefined) return value;
  const known = all.map(([name]) => name).filter((name) => !name.startsWith('test.'));
  throw new FlatminError(
    'RUN_INVALID',
    `${by}.metric is ${show(metric)}, which the evaluation does not have. Use one of ${known.join(', ')}.`,
  );
}
