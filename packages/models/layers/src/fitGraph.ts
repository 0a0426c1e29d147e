import { type LossFunction, type SharpnessAwareOptimizer } from '@flatmin/core';
import { type CapturedStep, captureOrEager } from '@flatmin/graph';
import * as tf from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { withAccess } from './fitLoss.js';
import { lossOfRows, rowsOf, type SeenForward } from './rowsLoss.js';
import { type TrainedModel, trainedModel } from './trainedModel.js';

type Data = readonly (tf.Tensor | null)[];

/**
 * The steps of `fit` as graphs. What `fit` reports beside the loss, the clean pass leaves in variables that nothing
 * trains: as statistics, which one pass of a step moves, they are part of the graph.
 */
export class FitGraph {
  readonly #model: LayersModel;
  readonly #optimizer: SharpnessAwareOptimizer;
  /** One for each set of sample weights that are there. */
  readonly #steps = new Map<string, CapturedStep<readonly tf.Tensor[]>>();
  #metrics: readonly tf.Variable[] = [];

  constructor(model: LayersModel, optimizer: SharpnessAwareOptimizer) {
    this.#model = model;
    this.#optimizer = optimizer;
  }

  /**
   * Takes a step on what `fit` gives to its training function, and gives what that gives: the loss, and the metrics.
   */
  step(data: Data): tf.Scalar[] {
    const trained = trainedModel(this.#model);
    this.#prepare(trained.metricsTensors.length);
    const present = data.map((tensor) => tensor !== null);
    const step = this.#stepOf(present);
    const loss = step(...data.filter((tensor) => tensor !== null));
    return [loss, ...this.#metrics.map((metric) => metric.clone() as tf.Scalar)];
  }

  /** Has graphs checked against the code before their next step. */
  recheck(): void {
    for (const step of this.#steps.values()) step.recheck();
  }

  dispose(): void {
    for (const step of this.#steps.values()) step.dispose();
    this.#steps.clear();
    tf.dispose([...this.#metrics]);
    this.#metrics = [];
  }

  /** Other metrics, as after another `compile`, are another graph. */
  #prepare(count: number): void {
    if (this.#metrics.length === count) return;
    this.dispose();
    this.#metrics = tf.tidy(() => Array.from({ length: count }, () => tf.variable(tf.scalar(0), false)));
  }

  #stepOf(present: readonly boolean[]): CapturedStep<readonly tf.Tensor[]> {
    const key = present.join();
    const known = this.#steps.get(key);
    if (known !== undefined) return known;
    const lossOf = (...tensors: readonly tf.Tensor[]): LossFunction => {
      const rest = [...tensors];
      return this.#lossOf(present.map((isThere) => (isThere ? (rest.shift() as tf.Tensor) : null)));
    };
    const variables = trainedModel(this.#model).collectedTrainableWeights.map((weight) => weight.read());
    const step = captureOrEager(this.#optimizer, lossOf, { variables });
    this.#steps.set(key, step);
    return step;
  }

  #lossOf(data: Data): LossFunction {
    const trained = trainedModel(this.#model);
    const rows = rowsOf(trained, data);
    const whole = (): tf.Scalar =>
      lossOfRows(trained, rows, { training: true, see: (seen) => this.#report(trained, seen) })();
    return withAccess(this.#model, whole, data);
  }

  /** The metrics of a pass; one that has to leave no trace sees a model without. */
  #report({ metricsTensors }: TrainedModel, { outputs, ys, losses }: SeenForward): void {
    metricsTensors.forEach(([metric, index], i) => {
      const isLoss = outputs.length > 1 && i < outputs.length;
      const values = isLoss ? (losses[i] as tf.Tensor) : metric(ys[index] as tf.Tensor, outputs[index] as tf.Tensor);
      const value = tf.mean(values);
      this.#metrics[i]?.assign(value.dtype === 'float32' ? value : tf.cast(value, 'float32'));
    });
  }
}
