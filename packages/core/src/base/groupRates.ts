import * as tf from '@tensorflow/tfjs-core';
import { alias } from '../tensors/tensors.js';
import type { ParameterInfo } from '../variant/parameters.js';
import { AroundBase } from './around.js';

/**
 * A base that moves each parameter by the `learningRate` of its group times as far: theta' = theta + factor (moved -
 * theta), which for every base that keeps no weights of its own is a learning rate of factor times its own. Decoupled
 * weight decay is part of the movement. 3 ops for each parameter whose factor is not 1.
 */
export class GroupRates extends AroundBase {
  override apply(
    variables: readonly tf.Variable[],
    gradients: readonly (tf.Tensor | undefined)[],
    parameters: readonly ParameterInfo[],
  ): void {
    tf.tidy(() => {
      const slowed = variables.flatMap((variable, i) => {
        const { learningRate = 1 } = parameters[i] as ParameterInfo;
        return gradients[i] === undefined || learningRate === 1
          ? []
          : [{ variable, before: alias(variable), learningRate }];
      });
      this.inner.apply(variables, gradients, parameters);
      for (const { variable, before, learningRate } of slowed) {
        variable.assign(tf.add(before, tf.mul(learningRate, tf.sub(variable as tf.Tensor, before))));
      }
    });
  }
}
