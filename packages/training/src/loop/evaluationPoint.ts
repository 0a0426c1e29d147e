import { estimateStatistics, RandomStream, type StatisticsPass } from '@flatmin/core';
import { type DataPart, taskOf } from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';
import { assignVariables, copyVariables, type NamedTensor } from '../checkpoint/checkpoint.js';
import { evaluateDefaults } from '../settings/evaluation.js';
import { methodsOf } from '../tasks/methods.js';
import type { RunOptions } from './options.js';

/**
 * Where the model of a run is judged: at the weights that its optimizer evaluates with, with statistics of these. Where
 * they are those that train, which is the case of most, it does nothing.
 */
export class EvaluationPoint {
  readonly #options: RunOptions;
  readonly #variables: tf.Variable[];
  readonly #random: RandomStream;
  /** The model there after a step, so that what comes after the same step estimates no statistics again. */
  #last: { readonly step: number; readonly model: readonly NamedTensor[] } = { step: -1, model: [] };

  constructor(options: RunOptions) {
    this.#options = options;
    this.#variables = options.model.variables.filter(({ trainable }) => trainable);
    this.#random = new RandomStream(options.seed).at('statistics');
  }

  /** Goes on from a checkpoint, whose tensors stay the caller's. */
  resume(step: number, model: readonly NamedTensor[]): void {
    if (model.length > 0)
      this.#keep(
        step,
        model.map(({ name, tensor }) => ({ name, tensor: tensor.clone() })),
      );
  }

  /** Runs something there. The model is then as before, to the bit. */
  async at<T>(step: number, run: () => Promise<T>): Promise<T> {
    const { optimizer } = this.#options;
    if (optimizer.withEvaluationWeights === undefined) return run();
    const arriveAndRun = async (differ: boolean): Promise<T> => {
      if (differ) await this.#arrive(step);
      return run();
    };
    return optimizer.withEvaluationWeights(arriveAndRun, this.#variables);
  }

  /** Copies of the model's variables there; none where it is no other place. They stay this object's. */
  async model(step: number): Promise<readonly NamedTensor[]> {
    await this.at(step, () => Promise.resolve());
    return this.#last.step === step ? this.#last.model : [];
  }

  /** Leaves the model there, at the end of a run. */
  async stay(step: number): Promise<void> {
    if (this.#options.optimizer.useEvaluationWeights?.(this.#variables) === true) await this.#arrive(step);
  }

  dispose(): void {
    this.#keep(-1, []);
  }

  #keep(step: number, model: readonly NamedTensor[]): void {
    tf.dispose(this.#last.model.map(({ tensor }) => tensor));
    this.#last = { step, model };
  }

  async #arrive(step: number): Promise<void> {
    const { model } = this.#options;
    if (this.#last.step === step) return assignVariables(model, this.#last.model);
    if (model.variables.length > this.#variables.length) await estimateStatistics(this.#passes(), this.#random);
    this.#keep(step, copyVariables(model));
  }

  /** The model in training on batches of the training part, always the same. */
  async *#passes(): AsyncGenerator<StatisticsPass> {
    const { batchSize, dataset, evaluate, model } = this.#options;
    const task = methodsOf(taskOf(dataset));
    const part: DataPart<tf.Tensor> = dataset.train;
    const { statisticsBatches = evaluateDefaults.statisticsBatches } = evaluate ?? {};
    let taken = 0;
    for await (const { x, y } of part.batches({ batchSize, shuffle: this.#random.at('order') })) {
      try {
        yield { size: x.shape[0] ?? 0, run: () => task.outputs(model, x, y, true) };
      } finally {
        tf.dispose([x, y]);
      }
      taken += 1;
      if (taken === statisticsBatches) return;
    }
  }
}
