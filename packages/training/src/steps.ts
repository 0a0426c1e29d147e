import { type LossFunction, lossOfOutputs, SharpnessAwareOptimizer } from '@flatmin/core';
import type { CapturedStep } from '@flatmin/graph';
import * as tf from '@tensorflow/tfjs-core';
import { crossEntropyPerExample, encodeLabels } from './crossEntropy.js';
import type { TrainOptions } from './options.js';

type Labeled = [x: tf.Tensor, y: tf.Tensor1D];

/** The steps of a run: as graphs on the native backend where they are not refused, else eagerly. */
export class Steps {
  readonly #options: TrainOptions;
  readonly #classes: number;
  readonly #variables: tf.Variable[];
  readonly #asGraphs: boolean;
  #captured: CapturedStep<Labeled> | undefined;

  constructor(options: TrainOptions, classes: number) {
    const { eager, model, optimizer } = options;
    this.#options = options;
    this.#classes = classes;
    this.#variables = model.variables.filter(({ trainable }) => trainable);
    this.#asGraphs = eager !== true && tf.getBackend() === 'tensorflow' && optimizer instanceof SharpnessAwareOptimizer;
  }

  /** The loss before the step; the caller's to dispose, as the batch is. */
  async take(x: tf.Tensor, y: tf.Tensor1D): Promise<tf.Scalar | null> {
    if (this.#asGraphs) return (this.#captured ??= await this.#capture())(x, y);
    const { optimizer } = this.#options;
    // An optimizer of someone else's may give null.
    return tf.tidy(() => optimizer.minimize(this.#lossOf(x, y), true, this.#variables) as tf.Scalar);
  }

  /** Takes a step and puts everything back; an optimizer of someone else's, which cannot do that, is left out. */
  rehearse(x: tf.Tensor, y: tf.Tensor1D): void {
    const { optimizer } = this.#options;
    tf.tidy(() => {
      const loss = this.#lossOf(x, y);
      if (optimizer instanceof SharpnessAwareOptimizer) optimizer.replay.trial(loss, this.#variables, () => undefined);
      else loss();
    });
  }

  dispose(): void {
    this.#captured?.dispose();
  }

  async #capture(): Promise<CapturedStep<Labeled>> {
    const { captureOrEager } = await import('@flatmin/graph'); // Only where it is of use: it needs Node.
    const optimizer = this.#options.optimizer as SharpnessAwareOptimizer;
    return captureOrEager<Labeled>(optimizer, (...batch) => this.#lossOf(...batch), { variables: this.#variables });
  }

  #lossOf(x: tf.Tensor, y: tf.Tensor1D): LossFunction {
    const { model, regularizer } = this.#options;
    const logits = (inputs: tf.Tensor): tf.Tensor2D => model.apply(inputs, { training: true });
    const perExample = (outputs: tf.Tensor2D, targets: tf.Tensor2D): tf.Tensor1D =>
      crossEntropyPerExample(targets, outputs);
    return lossOfOutputs(logits, perExample, x, encodeLabels(y, this.#classes), regularizer);
  }
}
