import { FlatminError, stepInput } from '@flatmin/core';
import * as tf from '@tensorflow/tfjs-core';

/** Signum as a base: what core asks of it is `BaseOptimizer`, documented at its declaration. */
export class Signum {
  id = 'signum';
  /** Every step runs the same operations, by tensors and the learning rate: it can be replayed as a graph. */
  isReplayable = true;
  learningRate;
  #settings;
  /** m of each variable, a variable itself, so that it outlives every `tidy`. */
  #m = [];

  constructor({ learningRate, ...settings }) {
    this.learningRate = learningRate;
    this.#settings = settings;
  }

  apply(variables, gradients, parameters) {
    for (const variable of variables.slice(this.#m.length)) this.#m.push(remembered(tf.zerosLike(variable)));
    const { beta, decayRoles, weightDecay } = this.#settings;
    tf.tidy(() => {
      // Supplied, and not a constant, so that a replayed step asks for the learning rate again.
      const [rate] = stepInput(() => [tf.scalar(this.learningRate)]);
      variables.forEach((variable, i) => {
        const gradient = gradients[i];
        if (gradient === undefined) return; // Frozen: the variable and its m stay as they are.
        tf.tidy(() => {
          const decays = weightDecay > 0 && decayRoles.includes(parameters[i].role);
          const m = tf.add(tf.mul(beta, this.#m[i]), tf.mul(1 - beta, gradient));
          const sign = tf.sign(m);
          const direction = decays ? tf.add(sign, tf.mul(weightDecay, variable)) : sign;
          variable.assign(tf.sub(variable, tf.mul(rate, direction)));
          this.#m[i].assign(m);
        });
      });
    });
  }

  option(name) {
    const { beta, weightDecay } = this.#settings;
    return { learningRate: this.learningRate, beta, weightDecay }[name];
  }

  /** Not under the name `momentum`, which is a sum of gradients to those who ask for it (MSAM), and no average. */
  slot(name) {
    return name === 'm' && this.#m.length > 0 ? this.#m : undefined;
  }

  owned() {
    return this.#m;
  }

  async save() {
    return { slots: this.#m.length > 0 ? { m: this.#m } : {}, scalars: {} };
  }

  /** Takes copies; without slots it forgets everything, as after a first step that failed. */
  restore({ slots }) {
    const others = Object.keys(slots).filter((name) => name !== 'm');
    if (others.length > 0) {
      throw new FlatminError(
        'STATE_MISMATCH',
        `the saved base remembers ${others.join(', ')}, signum remembers m. Create the optimizer from the spec that it was saved with.`,
      );
    }
    tf.dispose(this.#m);
    this.#m = (slots.m ?? []).map((m) => remembered(m.clone()));
  }

  dispose() {
    this.restore({ slots: {} });
  }
}

/** A variable of this value that no loss depends on; takes the tensor over. */
function remembered(value) {
  const variable = value.variable(false);
  value.dispose();
  return variable;
}
