import { lossOfOutputs, type LossFunction, stepInput } from '@flatmin/core';
import type { ParameterRole } from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';
import { onBatch } from '../onBatch.js';
import type { ReferenceBatch, ReferenceProblem } from './reference.js';

let models = 0;

const crossEntropy = (logits: tf.Tensor2D, y: tf.Tensor2D): tf.Tensor1D =>
  tf.neg(tf.sum(tf.mul(y, tf.logSoftmax(logits)), 1));

/** The problem of a reference as TF.js variables and losses. */
export class ReferenceModel {
  readonly variables: readonly tf.Variable[];
  readonly #losses: readonly LossFunction[];
  readonly #validationBatches: readonly (readonly [tf.Tensor2D, tf.Tensor2D])[];
  readonly #names: readonly string[];
  readonly #data: tf.Tensor[] = [];
  /** With access to its outputs, which functional SAM needs. */
  readonly #lossOf = (x: tf.Tensor2D, y: tf.Tensor2D): LossFunction =>
    lossOfOutputs((rows: tf.Tensor2D) => this.#logits(rows), crossEntropy, x, y);

  constructor({ layers, parameters, batches, validationBatches = [] }: ReferenceProblem) {
    // TF.js refuses two variables of one name; roles come from the last segment of a name.
    const scope = `reference${models++}`;
    this.variables = tf.tidy(() =>
      parameters.map(({ name, shape, values }) =>
        tf.variable(tf.tensor([...values], [...shape]), true, `${scope}/${name}`),
      ),
    );
    this.#names = parameters.map(({ name }) => name);
    const classes = layers.at(-1) as number;
    const toBatch = ({ x, y }: ReferenceBatch): readonly [tf.Tensor2D, tf.Tensor2D] => {
      const inputs = tf.tensor2d(x.map((row) => [...row]));
      const targets = tf.tensor2d(y.map((label) => Array.from({ length: classes }, (_, i) => (i === label ? 1 : 0))));
      this.#data.push(inputs, targets);
      return [inputs, targets];
    };
    this.#losses = batches.map(toBatch).map((batch) => onBatch(this.#lossOf, ...batch));
    this.#validationBatches = validationBatches.map(toBatch);
  }

  /** Roles by the names of the file as roles by those of the variables. */
  roles(byParameter: Readonly<Record<string, ParameterRole>>): Readonly<Record<string, ParameterRole>> {
    const of = (name: string): string => (this.variables[this.#names.indexOf(name)] as tf.Variable).name;
    return Object.fromEntries(Object.entries(byParameter).map(([name, role]) => [of(name), role]));
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
      const [x, y] = stepInput(() => batches[t() % batches.length] as readonly [tf.Tensor2D, tf.Tensor2D]);
      return this.#lossOf(x, y)();
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
