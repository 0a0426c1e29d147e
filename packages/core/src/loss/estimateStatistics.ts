import * as tf from '@tensorflow/tfjs-core';
import type { RandomStream } from '../tensors/random.js';
import { combineStatistics, declaredMoments, type MomentPair } from './combineStatistics.js';
import { withLossRandom } from './lossRandom.js';
import { type Snapshot, Statistics } from './statistics.js';

/** A pass over a batch that moves statistics. */
export interface StatisticsPass {
  /** Examples of the batch. */
  readonly size: number;
  /** Applies the model to the batch, in training. */
  readonly run: () => unknown;
}

/**
 * Sets the statistics of a model to those of some batches at its current weights. Its moving averages belong to the
 * weights that it had during training, so this is needed before other weights are evaluated, such as an average of them
 * (Izmailov et al. 2018, arXiv 1803.05407, section 3.2).
 *
 * What `declareMoments` declares, as our models and layers do with batch normalization, becomes mean and variance over
 * the examples of all batches together:
 *
 *     mean = sum_i f_i mean_i,   variance = sum_i f_i (variance_i + (mean_i - mean)^2)
 *
 * over batches i with the shares f_i of the examples. Other statistics move from batch to batch, as in training. If the
 * first pass moves none, there is no second.
 *
 * Cost: a forward pass for each batch. The means and variances of all batches are kept until the end.
 *
 * @param passes in order. If one throws, the statistics are restored.
 * @param random what `lossRandom` returns during the passes, for dropout and the like.
 * @example
 * ```ts fragment
 * const passes = batches.map((x) => ({ size: x.shape[0], run: () => model.apply(x, { training: true }) }));
 * await optimizer.withEvaluationWeights(async () => {
 *   await estimateStatistics(passes);
 *   return accuracyOf(model);
 * });
 * ```
 */
export async function estimateStatistics(
  passes: Iterable<StatisticsPass> | AsyncIterable<StatisticsPass>,
  random?: RandomStream,
): Promise<void> {
  const estimate = new Estimate();
  let isDone = false;
  try {
    let index = 0;
    for await (const pass of passes) {
      const mayMoveMore = estimate.add(pass, random?.at(index++));
      if (!mayMoveMore) break;
    }
    estimate.finish();
    isDone = true;
  } finally {
    if (!isDone) estimate.undo();
    estimate.dispose();
  }
}

class Estimate {
  readonly #statistics = new Statistics(new Set());
  readonly #start: Snapshot;
  readonly #passes: { readonly size: number; readonly after: Snapshot }[] = [];
  /** Zeros for each declared average that the passes move: a pass then leaves `rate` times the value of its batch. */
  #zeros: Snapshot;
  #pairs: readonly MomentPair[];

  constructor() {
    this.#start = this.#statistics.snapshot();
    this.#pairs = declaredMoments([...this.#start.keys()]);
    const averages = this.#pairs.flatMap(({ mean, variance }) => [mean, variance]);
    this.#zeros = new Map(averages.map((average) => [average, tf.keep(tf.zerosLike(average))]));
  }

  /** False where the passes move nothing. */
  add({ size, run }: StatisticsPass, random: RandomStream | undefined): boolean {
    this.#statistics.restore(this.#zeros);
    tf.tidy(() => {
      withLossRandom(random, run);
    });
    const after = this.#statistics.snapshot();
    if (this.#passes.length === 0) this.#keepMoved(after);
    this.#passes.push({ size, after });
    return [...after.keys()].some((variable) => variable.dataId !== this.#start.get(variable)?.dataId);
  }

  finish(): void {
    if (this.#passes.length === 0 || this.#pairs.length === 0) return;
    const total = this.#passes.reduce((sum, { size }) => sum + size, 0);
    const parts = this.#passes.map(({ size, after }) => ({ fraction: size / total, after }));
    combineStatistics(this.#zeros, parts);
    tf.tidy(() => {
      for (const { mean, variance, rate } of this.#pairs) {
        mean.assign(tf.div(mean, rate));
        variance.assign(tf.div(variance, rate));
      }
    });
  }

  undo(): void {
    this.#statistics.restore(this.#start);
  }

  dispose(): void {
    tf.dispose([...this.#zeros.values()]);
    this.#statistics.release();
  }

  /** Averages that the first pass left at zero are of other models. */
  #keepMoved(after: Snapshot): void {
    const moves = (variable: tf.Variable): boolean => after.get(variable)?.dataId !== this.#zeros.get(variable)?.dataId;
    const others = this.#pairs.filter(({ mean, variance }) => !moves(mean) || !moves(variance));
    for (const { mean, variance } of others) {
      for (const average of [mean, variance]) {
        average.assign(this.#start.get(average) as tf.Tensor);
        this.#zeros.get(average)?.dispose();
      }
    }
    const left = new Set(others.flatMap(({ mean, variance }) => [mean, variance]));
    this.#zeros = new Map([...this.#zeros].filter(([average]) => !left.has(average)));
    this.#pairs = this.#pairs.filter((pair) => !others.includes(pair));
  }
}
