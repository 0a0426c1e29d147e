import { lossOfOutputs, type LossFunction, RandomStream } from '@flatmin/core';
import * as tf from '@tensorflow/tfjs-core';
import { onBatch } from './onBatch.js';

const shapes: Readonly<Record<string, readonly number[]>> = {
  'dense1/kernel': [4, 5],
  'dense1/bias': [5],
  'norm/gamma': [5],
  'norm/beta': [5],
  'dense2/kernel': [5, 3],
  'dense2/bias': [3],
};
const rows = 6;
const batchCount = 3;

let problems = 0;

type SixOf<T> = readonly [T, T, T, T, T, T];

const crossEntropy = (logits: tf.Tensor2D, y: tf.Tensor): tf.Tensor1D =>
  tf.neg(tf.sum(tf.mul(y, tf.logSoftmax(logits)), 1));

/** A copy that shares no data, so that buffers can be counted. */
const ownCopy = (tensor: tf.Tensor): tf.Tensor => tf.add(tensor, 0);

/**
 * The kit's own tiny problem: a tanh network with biases and the parameters of a normalization layer, whose passes move
 * a statistic as batch normalization does. The same numbers each time.
 */
export class Problem {
  /** Not the order of their names, so that sorting shows. */
  readonly variables: readonly tf.Variable[];
  /** A moving average that each pass moves. */
  readonly statistic: tf.Variable;
  readonly #initial: readonly tf.Tensor[];
  readonly #losses: readonly LossFunction[];
  readonly #inputs: tf.Tensor[] = [];
  readonly #lossOf = (x: tf.Tensor, y: tf.Tensor): LossFunction =>
    lossOfOutputs((a) => this.#logits(a), crossEntropy, x, y);
  /** The loss of a batch that is held out of training. */
  readonly validationLoss: LossFunction = () => (this.#losses[batchCount] as LossFunction)();

  constructor() {
    const scope = `problem${problems++}`;
    const random = new RandomStream(20240824);
    const uniform = (label: string, shape: readonly number[]): tf.Tensor => {
      const size = shape.reduce((a, b) => a * b, 1);
      return tf.tensor(
        [...random.at(label).uniforms(size)].map((value) => Math.fround(2 * value - 1)),
        [...shape],
      );
    };
    this.#initial = Object.entries(shapes).map(([name, shape]) => uniform(name, shape));
    this.variables = Object.keys(shapes).map((name, i) =>
      tf.tidy(() => tf.variable(ownCopy(this.#initial[i] as tf.Tensor), true, `${scope}/${name}`)),
    );
    this.statistic = tf.tidy(() => tf.variable(tf.zeros([5]), false, `${scope}/moving_mean`));
    this.#losses = Array.from({ length: batchCount + 1 }, (_, i) => {
      const x = tf.tidy(() => tf.mul(2, uniform(`x${i}`, [rows, 4])));
      const y = tf.tile(tf.eye(3), [rows / 3, 1]);
      this.#inputs.push(x, y);
      return onBatch(this.#lossOf, x, y);
    });
  }

  /** The training loss of step t. */
  loss(t: number): LossFunction {
    return this.#losses[t % batchCount] as LossFunction;
  }

  /** The same with every example twice: the batch after itself. */
  doubled(t: number): LossFunction {
    const [x, y] = this.#inputs.slice(2 * (t % batchCount)) as [tf.Tensor, tf.Tensor];
    const twice = [tf.tile(x, [2, 1]), tf.tile(y, [2, 1])] as const;
    this.#inputs.push(...twice);
    return onBatch(this.#lossOf, ...twice);
  }

  /** The weights as they are now. */
  async values(): Promise<readonly Float32Array[]> {
    return Promise.all(this.variables.map(async (variable) => Float32Array.from(await variable.data())));
  }

  /** Back to the start. */
  reset(): void {
    tf.tidy(() => {
      this.variables.forEach((variable, i) => variable.assign(ownCopy(this.#initial[i] as tf.Tensor)));
      this.statistic.assign(tf.zeros([5]));
    });
  }

  /** All that steps move, for {@link restore}. */
  async everything(): Promise<readonly Float32Array[]> {
    return [...(await this.values()), Float32Array.from(await this.statistic.data())];
  }

  /** Back to where the problem was. */
  restore(values: readonly Float32Array[]): void {
    tf.tidy(() =>
      [...this.variables, this.statistic].forEach((variable, i) =>
        variable.assign(tf.tensor((values[i] as Float32Array).slice(), variable.shape)),
      ),
    );
  }

  dispose(): void {
    tf.dispose([...this.variables, this.statistic, ...this.#initial, ...this.#inputs]);
  }

  #logits(x: tf.Tensor): tf.Tensor2D {
    const [kernel1, bias1, gamma, beta, kernel2, bias2] = this.variables as SixOf<tf.Variable>;
    const hidden = tf.tanh(tf.add(tf.matMul(x, kernel1), bias1));
    this.statistic.assign(tf.add(tf.mul(0.9, this.statistic), tf.mul(0.1, tf.mean(hidden, 0))));
    return tf.add(tf.matMul(tf.add(tf.mul(hidden, gamma), beta), kernel2), bias2);
  }
}
