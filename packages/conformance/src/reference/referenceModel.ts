import { lossOfBatch, type LossFunction } from '@flatmin/core';
import * as tf from '@tensorflow/tfjs-core';
import type { ReferenceBatch, ReferenceProblem } from './reference.js';

let models = 0;

/** The problem of a reference as TF.js variables and losses. */
export class ReferenceModel {
  readonly variables: readonly tf.Variable[];
  readonly #losses: readonly LossFunction[];
  readonly #validationLosses: readonly LossFunction[];
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
    const perExample = (x: tf.Tensor2D, y: tf.Tensor2D): tf.Tensor1D =>
      tf.neg(tf.sum(tf.mul(y, tf.logSoftmax(this.#logits(x))), 1));
    const toLoss = ({ x, y }: ReferenceBatch): LossFunction => {
      const inputs = tf.tensor2d(x.map((row) => [...row]));
      const targets = tf.tensor2d(y.map((label) => Array.from({ length: classes }, (_, i) => (i === label ? 1 : 0))));
      this.#data.push(inputs, targets);
      return lossOfBatch(perExample, inputs, targets);
    };
    this.#losses = batches.map(toLoss);
    this.#validationLosses = validationBatches.map(toLoss);
  }

  /** The training loss of step t. */
  loss(t: number): LossFunction {
    return this.#losses[t % this.#losses.length] as LossFunction;
  }

  get hasValidation(): boolean {
    return this.#validationLosses.length > 0;
  }

  /** The validation loss of step t. */
  validationLoss(t: number): LossFunction {
    return this.#validationLosses[t % this.#validationLosses.length] as LossFunction;
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
