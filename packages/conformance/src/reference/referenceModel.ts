import { lossOfBatch, type LossFunction, supplied } from '@flatmin/core';
import * as tf from '@tensorflow/tfjs-core';
import type { ReferenceBatch, ReferenceProblem } from './reference.js';

let models = 0;

/** The problem of a reference as TF.js variables and losses. */
export class ReferenceModel {
  readonly variables: readonly tf.Variable[];
  readonly #losses: readonly LossFunction[];
  readonly #validationBatches: readonly (readonly [tf.Tensor2D, tf.Tensor2D])[];
  readonly #perExample: (x: tf.Tensor2D, y: tf.Tensor2D) => tf.Tensor1D;
  readonly #data: tf.Tensor[] = [];

  constructor({ layers, parameters, batches, validationBatches = [] }: ReferenceProblem) {
    // TF.js refuses two variables of one name; roles come from the last segment of a name.
    const scope = `reference${models++}`;
    this.variables = tf.tidy(() =>
      parameters.map(({ name, shape, values }) =>
        tf.variable(tf.tensor([...values], [...shape]), true, `${scope}/${name}`),
      ),
    );
    const classes = layers.at(-1) as number;
    this.#perExample = (x: tf.Tensor2D, y: tf.Tensor2D): tf.Tensor1D =>
      tf.neg(tf.sum(tf.mul(y, tf.logSoftmax(this.#logits(x))), 1));
    const toBatch = ({ x, y }: ReferenceBatch): readonly [tf.Tensor2D, tf.Tensor2D] => {
      const inputs = tf.tensor2d(x.map((row) => [...row]));
      const targets = tf.tensor2d(y.map((label) => Array.from({ length: classes }, (_, i) => (i === label ? 1 : 0))));
      this.#data.push(inputs, targets);
      return [inputs, targets];
    };
    this.#losses = batches.map(toBatch).map((batch) => lossOfBatch(this.#perExample, ...batch));
    this.#validationBatches = validationBatches.map(toBatch);
  }

  /** The training loss of step t. */
  loss(t: number): LossFunction {
    return this.#losses[t % this.#losses.length] as LossFunction;
  }

  get hasValidation(): boolean {
    return this.#validationBatches.length > 0;
  }

  /** The validation loss, of the batch of step `t()`. */
  validationLoss(t: () => number): LossFunction {
    const batches = this.#validationBatches;
    return () => {
      const [x, y] = supplied(() => batches[t() % batches.length] as readonly [tf.Tensor2D, tf.Tensor2D]);
      return lossOfBatch(this.#perExample, x, y)();
    };
  }

  dispose(): void {
    tf.dispose([...this.variables]);
    tf.dispose(this.#data);
  }

  #logits(x: tf.Tensor2D): tf.Tensor2D {
    let activation = x;
    for (let i = 0; i < this.variables.length; i += 2) {
      const [kernel, bias] = this.variables.slice(i, i + 2) as [tf.Variable<tf.Rank.R2>, tf.Variable];
      const sum: tf.Tensor2D = tf.add(tf.matMul(activation, kernel), bias);
      activation = i + 2 < this.variables.length ? tf.tanh(sum) : sum;
    }
    return activation;
  }
}
