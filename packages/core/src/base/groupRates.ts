import * as tf from '@tensorflow/tfjs-core';
import { alias } from '../tensors/tensors.js';
import { timesEach } from '../variant/offsetScales.js';
import type { ParameterInfo } from '../variant/parameters.js';
import { AroundBase } from './around.js';

/**
 * A base that scales how far each parameter moves by the `learningRate` of its group: theta' = theta + factor (moved -
 * theta). For every base that keeps no weights of its own, this multiplies its learning rate by the factor. Decoupled
 * weight decay is part of the movement. 3 ops for each parameter whose factor is not 1.
 */
export class GroupRates extends AroundBase {
  override apply(
    variables: readonly tf.Variable[],
    gradients: readonly (tf.Tensor | undefined)[],
    parameters: readonly ParameterInfo[],
  ): void {
    tf.tidy(() => {
      const rates = parameters.map(({ learningRate = 1 }) => learningRate);
      const scaled = variables.map((_, i) => i).filter((i) => gradients[i] !== undefined && rates[i] !== 1);
      const before = scaled.map((i) => alias(variables[i] as tf.Variable));
      this.inner.apply(variables, gradients, parameters);
      const moves = scaled.map((i, j) => tf.sub(variables[i] as tf.Tensor, before[j] as tf.Tensor));
      const others = timesEach(
        moves,
        scaled.map((i) => rates[i] as number),
      );
      scaled.forEach((i, j) => variables[i]?.assign(tf.add(before[j] as tf.Tensor, others[j] as tf.Tensor)));
    });
  }
}
