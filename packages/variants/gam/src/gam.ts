import {
  add,
  type Ascent,
  type AscentPoint,
  axpy,
  norm,
  normEpsilon,
  ofLength,
  projectOut,
  projectOutDerivative,
  scale,
  type SharpnessVariant,
  sub,
  type WeightVector,
} from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';

/** The options of the algorithm; rho, `gradNormRho`, is an argument of each step. */
export interface GamSettings {
  readonly gradRho: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly beta3: number;
  readonly gamma: number;
}

/** d (v / ||v||) = (dv - <u, dv> u) / ||v||, u = v / ||v||. */
function turn(v: WeightVector, dv: WeightVector): WeightVector {
  return scale(projectOut(dv, v).rest, tf.div(1, tf.add(norm(v), normEpsilon)));
}

/**
 * Where g3 is taken: rho moves it by itself, and by turning g2, along which the second ascent goes. At rho 0 it is
 * where g1 was.
 */
function thirdPoint(
  { g0, g1, g2, g3 }: Readonly<Record<'g0' | 'g1' | 'g2' | 'g3', WeightVector>>,
  { direction, second, dg2 }: Readonly<Record<'direction' | 'second' | 'dg2', WeightVector>>,
  rho: tf.Scalar,
  rhoPrime: tf.Scalar,
): AscentPoint {
  const moved = axpy(rhoPrime, turn(g2, dg2), direction);
  return { direction: moved, constant: axpy(tf.neg(rho), moved, second), clean: g0, origin: g1, perturbed: g3 };
}

/**
 * GAM as a variant, in its accelerated form: h = g1 - g0 stands for rho' H g0 / ||g0||, the direction in which the norm
 * of the gradient grows, and no Hessian is needed.
 */
export function gamVariant({ gradRho, beta1, beta2, beta3, gamma }: GamSettings): SharpnessVariant<unknown> {
  return {
    id: 'gam',
    // g2 stands at rho h / ||h||, but g3 a further ascent away, which rho turns too.
    radius: 'first-order',
    graphKey: () => 'step',
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
      const ascent: Ascent = {
        ...{ direction, clean: g0, perturbed: g2, factor: beta3 },
        derivative: (along) => {
          const dg2 = along({ direction, clean: g0, perturbed: g2 });
          const dg3 = along(thirdPoint({ g0, g1, g2, g3 }, { direction, second, dg2 }, rho, rhoPrime));
          const dq = scale(dg3, beta3);
          if (gamma === 0) return dq;
          const dp = scale(dg2, Math.abs(beta2));
          return axpy(-gamma, projectOutDerivative({ vector: p, along: q }, { vector: dp, along: dq }), dq);
        },
      };
      return { loss, gradient, state, ascent, metrics: { perturbationNorm: norm(second) } };
    },
  };
}
