import { lossOfOutputs, type LossFunction, RandomStream } from '@flatmin/core';
import * as tf from '@tensorflow/tfjs-core';

const shapes: Readonly<Record<string, readonly number[]>> = { kernel: [2, 3], bias: [3], gamma: [3] };
const size = 12;
const rows = 6;
/** Beyond every weight, offsets included. */
const wall = 2.5;

let problems = 0;

/**
 * A loss whose Hessian is diagonal and the square of its gradient: L(w) = -sum log(wall - w), with dL/dw = 1 / (wall -
 * w). On it LETS's diagonal curvature, gp * gp * d, is not an approximation. All examples are the same one, so that
 * parts and subsets of the batch have that gradient too.
 */
export class FisherProblem {
  readonly variables: readonly tf.Variable[];
  readonly #initial: readonly tf.Tensor[];
  readonly #goal: tf.Tensor1D;
  readonly #data: readonly [tf.Tensor2D, tf.Tensor2D];
  readonly #loss: LossFunction;
  /** Half the squared distance to somewhere else. */
  readonly validationLoss: LossFunction = () =>
    tf.tidy(() => tf.mul(0.5, tf.sum(tf.square(tf.sub(this.#weights(), this.#goal)))));

  constructor() {
    const scope = `fisher${problems++}`;
    const random = new RandomStream(20241129);
    const uniform = (label: string, shape: readonly number[]): tf.Tensor => {
      const count = shape.reduce((a, b) => a * b, 1);
      const numbers = [...random.at(label).uniforms(count)].map((value) => Math.fround(1.4 * value - 0.7));
      return tf.tensor(numbers, [...shape]);
    };
    this.#initial = Object.entries(shapes).map(([name, shape]) => uniform(name, shape));
    this.variables = Object.keys(shapes).map((name, i) =>
      tf.tidy(() => tf.variable(tf.clone(this.#initial[i] as tf.Tensor), true, `${scope}/${name}`)),
    );
    this.#goal = uniform('goal', [size]) as tf.Tensor1D;
    this.#data = [tf.ones([rows, 1]), tf.ones([rows, 1])];
    const outputs = (x: tf.Tensor2D): tf.Tensor2D => tf.matMul(x, tf.reshape(this.#weights(), [1, size]));
    const perExample = (at: tf.Tensor2D): tf.Tensor1D => tf.neg(tf.sum(tf.log(tf.sub(wall, at)), 1));
    this.#loss = lossOfOutputs(outputs, perExample, ...this.#data);
  }

  /** The training loss, of each step. */
  loss(): LossFunction {
    return this.#loss;
  }

  /** Back to the start. */
  reset(): void {
    this.variables.forEach((variable, i) => variable.assign(this.#initial[i] as tf.Tensor));
  }

  dispose(): void {
    tf.dispose([...this.variables, ...this.#initial, this.#goal, ...this.#data]);
  }

  #weights(): tf.Tensor1D {
    return tf.concat(this.variables.map((variable) => tf.reshape(variable, [-1])));
  }
}
