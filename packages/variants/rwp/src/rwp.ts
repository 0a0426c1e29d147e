import {
  type AscentPoint,
  axpy,
  norm,
  type ParameterInfo,
  scale,
  type SharpnessVariant,
  type Step,
  sub,
  type WeightVector,
} from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';
import { filterNorm, filterSum } from './filters.js';

/** The options of the algorithm; sigma is the radius of each step. */
export interface RwpSettings {
  readonly lambda: number;
  readonly eta: number;
  readonly beta: number;
  readonly cleanLoss: boolean;
}

export interface RwpState {
  /** F: for each filter a decaying sum of the squares of perturbed gradients. Absent without eta and at first. */
  readonly fisher?: WeightVector;
}

/** n ||filter|| / sqrt(1 + eta F), n standard normal: the perturbation over sigma. */
function draw({ parameters, part, random, state, weights }: Step<RwpState>, eta: number): WeightVector {
  const stream = random.at('noise').at(part);
  return weights.map((weight, i) =>
    tf.tidy(() => {
      const noise = tf.mul(stream.at(i).normal(weight.shape), filterNorm(weight, parameters[i] as ParameterInfo));
      const fisher = state.fisher?.[i];
      return fisher === undefined ? noise : tf.div(noise, tf.sqrt(tf.add(1, tf.mul(eta, fisher))));
    }),
  );
}

/** F <- beta F + the sum of the squares over each filter, as the official code: no average, so no 1 - beta. */
function nextFisher({ parameters, state }: Step<RwpState>, gradient: WeightVector, beta: number): WeightVector {
  return gradient.map((g, i) =>
    tf.tidy(() => {
      const squares = filterSum(tf.square(g), parameters[i] as ParameterInfo);
      const before = state.fisher?.[i];
      return before === undefined ? squares : tf.add(tf.mul(beta, before), squares);
    }),
  );
}

/**
 * Random weight perturbation as a variant: RWP, ARWP (eta), m-RWP (lambda), m-ARWP (both).
 *
 *     epsilon = sigma n ||filter|| / sqrt(1 + eta F)          n standard normal for each weight
 *     ghat    = grad L(theta + epsilon)
 *     F       <- beta F + sum over the filter of ghat^2
 *     theta   <- base step at theta with g + lambda (ghat - g)
 */
export function rwpVariant({ lambda, eta, beta, cleanLoss }: RwpSettings): SharpnessVariant<RwpState> {
  const isMixed = lambda < 1;
  return {
    id: 'rwp',
    radius: 'linear',
    graphKey: ({ state }) => (state.fisher === undefined ? 'first' : 'step'),
    initialState: () => ({}),
    estimate: (step) => {
      const { evaluate, radius: sigma, state, weights } = step;
      // Mixed, the clean pass gives the loss; else a forward pass may.
      const clean = isMixed ? evaluate() : undefined;
      const loss = cleanLoss && !isMixed ? evaluate({ only: weights.map(() => false) }).loss : clean?.loss;
      const direction = draw(step, eta);
      const offset = scale(direction, sigma);
      const { loss: perturbedLoss, gradient: perturbed } = evaluate({ offset });
      const ascent: AscentPoint = {
        direction,
        perturbed,
        factor: lambda,
        // Of plain RWP no part of the algorithm: one more gradient, for who asks (the secant of LETS).
        get clean() {
          return evaluate().gradient;
        },
      };
      return {
        loss: loss ?? perturbedLoss,
        // Written so that equal gradients, as at sigma 0, are what the base gets, bit for bit.
        gradient: clean === undefined ? perturbed : axpy(lambda, sub(perturbed, clean.gradient), clean.gradient),
        state: eta === 0 ? state : { fisher: nextFisher(step, perturbed, beta) },
        ascent,
        metrics: { perturbationNorm: norm(offset), perturbedLoss },
      };
    },
  };
}
