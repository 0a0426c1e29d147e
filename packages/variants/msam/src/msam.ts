import { FlatminError } from '@flatmin/core';
import {
  norm,
  normalize,
  scale,
  type SharpnessVariant,
  type Step,
  type WeightVector,
  zerosLike,
} from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';

/** The options of the algorithm; rho is an argument of each step. */
export interface MsamSettings {
  readonly cleanLoss: boolean;
}

/** The base's option that tells momentum before the first step, and the slot that holds it after: SGD's, Adam's. */
const momenta = [
  { option: 'momentum', slot: 'momentum' },
  { option: 'beta1', slot: 'm' },
];

/** v, the base's momentum; zero before its first step. */
function momentum({ base, index, weights }: Step<unknown>): WeightVector {
  const kind = momenta.find(({ option }) => base.option(option) !== undefined);
  const v = kind && base.slot(kind.slot);
  // An optimizer of someone else's may have such an option and keep its momentum to itself.
  if (kind === undefined || (v === undefined && index > 0)) {
    throw new FlatminError(
      'BASE_UNSUITABLE',
      "msam perturbs along the base's momentum, and this base does not show any. Use momentum, adam or adamax as its base: " +
        "{ use: 'msam', base: { use: 'momentum', learningRate: 0.1, momentum: 0.9 } }.",
    );
  }
  return v ?? zerosLike(weights);
}

/**
 * MSAM as a variant: epsilon = -rho v / ||v||, the only gradient is the one at theta + epsilon. The official code keeps
 * the weights perturbed between steps; here they are theta itself, and nothing needs to be undone before evaluating or
 * saving.
 */
export function msamVariant({ cleanLoss }: MsamSettings): SharpnessVariant<unknown> {
  return {
    id: 'msam',
    radius: 'linear',
    graphKey: () => 'step',
    initialState: () => ({}),
    estimate: (step) => {
      const { evaluate, radius: rho, state, weights } = step;
      const direction = normalize(momentum(step)).map(tf.neg);
      const offset = scale(direction, rho);
      const forward = cleanLoss ? evaluate({ only: weights.map(() => false) }).loss : undefined;
      const { loss: perturbedLoss, gradient: perturbed } = evaluate({ offset });
      const ascent = {
        direction,
        perturbed,
        // No part of the algorithm: one more gradient, for who asks (LETS).
        get clean() {
          return evaluate().gradient;
        },
      };
      const metrics = { perturbationNorm: norm(offset), perturbedLoss };
      return { loss: forward ?? perturbedLoss, gradient: perturbed, state, ascent, metrics };
    },
  };
}
