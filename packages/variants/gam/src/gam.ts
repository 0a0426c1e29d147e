import { add, axpy, norm, ofLength, projectOut, scale, type SharpnessVariant, sub } from '@flatmin/core';
import * as tf from '@tensorflow/tfjs-core';

/** The options of the algorithm; rho, `gradNormRho`, is an argument of each step. */
export interface GamSettings {
  readonly gradRho: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly beta3: number;
  readonly gamma: number;
}

/**
 * GAM as a variant, in its accelerated form: h = g1 - g0 stands for rho' H g0 / ||g0||, the direction in which the norm of the
 * gradient grows, and no Hessian is needed.
 */
export function gamVariant({ gradRho, beta1, beta2, beta3, gamma }: GamSettings): SharpnessVariant<unknown> {
  return {
    id: 'gam',
    // g2 stands at rho h / ||h||, but g3 a further ascent away, which rho turns too.
    radius: 'first-order',
    branch: () => 'step',
    initialState: () => ({}),
    estimate: ({ evaluate, radius: rho, state }) => {
      const rhoPrime = tf.scalar(gradRho);
      const { loss, gradient: g0 } = evaluate();
      const g1 = evaluate({ offset: ofLength(g0, rhoPrime) }).gradient;
      const h = sub(g1, g0);
      const direction = ofLength(h, tf.scalar(1));
      const first = scale(direction, rho);
      const g2 = evaluate({ offset: first }).gradient;
      const second = add(first, ofLength(g2, rhoPrime));
      const g3 = evaluate({ offset: second }).gradient;
      const q = axpy(beta1, g1, scale(g3, beta3));
      const p = axpy(Math.abs(beta2), g2, g0);
      const gradient = gamma === 0 ? q : axpy(-gamma, projectOut(p, q).rest, q);
      // Of what rho does to the step, the part through q: d q = beta3 H d, where g3 moves as g2 does.
      const ascent = { direction, clean: g0, perturbed: g2, factor: beta3 };
      return { loss, gradient, state, ascent, report: { perturbationNorm: norm(second) } };
    },
  };
}
