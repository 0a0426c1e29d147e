import * as tf from '@tensorflow/tfjs-core';
import type { UpdateRule } from './updateRule.js';

export interface SgdwSettings {
  readonly momentum: number;
  readonly nesterov: boolean;
}

/**
 * SGD with momentum, as PyTorch has it without dampening: v <- momentum v + g from v = 0, and the learning rate times v
 * is subtracted; Nesterov's form subtracts it times g + momentum v.
 */
export function sgdwRule({ momentum, nesterov }: SgdwSettings): UpdateRule {
  const hasMomentum = momentum > 0;
  return {
    id: 'sgdw',
    options: hasMomentum ? { momentum } : {}, // Who asks for momentum (MSAM) needs to find none where there is none.
    slots: hasMomentum ? ['momentum'] : [],
    begin: (learningRate) => {
      const mu = tf.scalar(momentum);
      return (theta, gradient, [v]) => {
        const moved = (direction: tf.Tensor): tf.Tensor => tf.sub(theta, tf.mul(learningRate, direction));
        if (v === undefined) return { theta: moved(gradient), slots: [] };
        const next = tf.add(tf.mul(mu, v), gradient);
        return { theta: moved(nesterov ? tf.add(gradient, tf.mul(mu, next)) : next), slots: [next] };
      };
    },
  };
}
