import { type LossFunction, lossOfOutputs, RandomStream, SharpnessAwareOptimizer } from '@flatmin/core';
import { type Batch, taskOf } from '@flatmin/core/plugin';
import type { CapturedStep } from '@flatmin/graph';
import * as tf from '@tensorflow/tfjs-core';
import { drawMix } from '../mix/drawMix.js';
import { mixBatch } from '../mix/mixBatch.js';
import { type MixSettings, mixSchema } from '../settings/mix.js';
import { methodsOf } from '../tasks/methods.js';
import { requireOutputs } from '../tasks/shapes.js';
import type { LossSettings, TaskMethods } from '../tasks/task.js';
import type { RunOptions } from './options.js';

/** Where batches are mixed, y is the encoded target. */
type Examples = [x: tf.Tensor, y: tf.Tensor];

/** The steps of a run: as graphs on the native backend where they are not refused, else eagerly. */
export class Steps {
  readonly #options: RunOptions;
  readonly #task: TaskMethods;
  readonly #settings: LossSettings;
  readonly #variables: tf.Variable[];
  readonly #asGraphs: boolean;
  readonly #mix: MixSettings | undefined;
  readonly #mixes: RandomStream;
  #captured: CapturedStep<Examples> | undefined;
  /** Shapes of batches of which a step was taken. */
  readonly #shapes = new Set<string>();

  constructor(options: RunOptions) {
    const { dataset, eager, labelSmoothing, mix, model, optimizer, seed } = options;
    this.#options = options;
    this.#task = methodsOf(taskOf(dataset));
    this.#settings = { classes: dataset.classes, labelSmoothing };
    this.#mix = mix && mixSchema.parse(mix);
    this.#mixes = new RandomStream(seed).at('mix');
    this.#variables = model.variables.filter(({ trainable }) => trainable);
    this.#asGraphs = !eager && tf.getBackend() === 'tensorflow' && optimizer instanceof SharpnessAwareOptimizer;
  }

  /** True where steps run as graphs, which are recorded, a graph for each shape of a batch. */
  get records(): boolean {
    return this.#asGraphs;
  }

  /**
   * Whether a step on this batch takes longer than later ones will: the first of all, and of each shape that is
   * recorded.
   */
  isFirst(x: tf.Tensor): boolean {
    return this.#shapes.size === 0 || (this.#asGraphs && !this.#shapes.has(x.shape.join()));
  }

  /**
   * What a step takes of a batch: itself, or, where batches are mixed, the mixed examples with encoded targets, in
   * place of what was given, which is disposed. Once for all passes of a step, and outside of it: a graph gets them as
   * inputs.
   *
   * @param step the index of the step, which with the seed decides the mix.
   */
  batchOf(batch: Batch<tf.Tensor>, step: number): Batch<tf.Tensor> {
    const settings = this.#mix;
    if (settings === undefined) return batch;
    try {
      return tf.tidy(() => {
        const { x } = batch;
        const target = this.#task.encode(batch.y, this.#settings);
        const mix = drawMix(settings, this.#mixes.at(step), x.shape);
        const mixed = mix === undefined ? { x: x.clone(), target } : mixBatch({ x, target }, mix);
        return { x: mixed.x, y: mixed.target };
      });
    } finally {
      tf.dispose([batch.x, batch.y]);
    }
  }

  /** The loss before the step; the caller's to dispose, as the batch is. */
  async take(x: tf.Tensor, y: tf.Tensor): Promise<tf.Scalar | null> {
    this.#shapes.add(x.shape.join());
    if (this.#asGraphs) return (this.#captured ??= await this.#capture())(x, y);
    const { optimizer } = this.#options;
    // An optimizer of someone else's may give null.
    return tf.tidy(() => optimizer.minimize(this.#lossOf(x, y), true, this.#variables) as tf.Scalar);
  }

  /** Takes a step and puts everything back; an optimizer of someone else's, which cannot do that, is left out. */
  rehearse(batch: Batch<tf.Tensor>): void {
    const { optimizer } = this.#options;
    tf.tidy(() => {
      const { x, y } = this.batchOf({ x: batch.x.clone(), y: batch.y.clone() }, 0);
      const loss = this.#lossOf(x, y);
      if (optimizer instanceof SharpnessAwareOptimizer) optimizer.replay.trial(loss, this.#variables, () => undefined);
      else loss();
    });
  }

  /** Has graphs checked against the code before their next step: something may have changed what that computes with. */
  recheck(): void {
    this.#captured?.recheck();
  }

  dispose(): void {
    this.#captured?.dispose();
  }

  async #capture(): Promise<CapturedStep<Examples>> {
    const { captureOrEager } = await import('@flatmin/graph'); // Only where it is of use: it needs Node.
    const optimizer = this.#options.optimizer as SharpnessAwareOptimizer;
    return captureOrEager<Examples>(optimizer, (...batch) => this.#lossOf(...batch), { variables: this.#variables });
  }

  #lossOf(x: tf.Tensor, y: tf.Tensor): LossFunction {
    const { dataset, model } = this.#options;
    const [task, settings] = [this.#task, this.#settings];
    const outputs = (given: tf.Tensor, target: tf.Tensor): tf.Tensor =>
      requireOutputs(task.outputs(model, given, target, true), model, dataset, given, target);
    const perExample = (out: tf.Tensor, target: tf.Tensor): tf.Tensor1D => task.perExample(out, target, settings);
    const regularizer = regularizerOf(this.#options);
    const encoded = this.#mix === undefined ? task.encode(y, settings) : y;
    return lossOfOutputs(outputs, perExample, x, encoded, regularizer, task.weight, task.labels);
  }
}

/** What is added to the loss of a batch: by the caller, by the model, or by both. */
function regularizerOf({ regularizer, model }: RunOptions): (() => tf.Scalar) | undefined {
  const own = model.regularizer === undefined ? undefined : () => model.regularizer?.() as tf.Scalar;
  if (regularizer === undefined || own === undefined) return regularizer ?? own;
  return () => tf.add<tf.Scalar>(regularizer(), own());
}
