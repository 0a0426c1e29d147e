import {
  add,
  ascentOf,
  axpy,
  norm,
  ofLength,
  scale,
  type SharpnessVariant,
  sub,
  type WeightVector,
} from '@flatmin/core/plugin';

/** The options of the algorithm; rho is an argument of each step. */
export interface CrSamSettings {
  /** Weight of the curvature term. */
  readonly gamma: number;
  /** Weight of the slope term. */
  readonly beta: number;
}

/** The gradients of one step: at theta, and at either end of the ascent's line through it. */
interface Ends {
  readonly clean: WeightVector;
  readonly ahead: WeightVector;
  readonly behind: WeightVector;
}

/**
 * gp + gamma (gp + gm - 2 g) + beta (gp - gm), by differences of gradients: equal ones leave exactly g, where the same
 * sum by coefficients, (1 + gamma + beta) gp + (gamma - beta) gm - 2 gamma g, leaves what rounding makes of it.
 */
function regularized({ clean: g, ahead: gp, behind: gm }: Ends, { gamma, beta }: CrSamSettings): WeightVector {
  const curvature = add(sub(gp, g), sub(gm, g));
  return axpy(beta, sub(gp, gm), axpy(gamma, curvature, gp));
}

/**
 * CR-SAM as a variant: SAM's gradient, with a curvature term and a slope term from a second point, as far behind theta
 * as the ascent goes ahead of it.
 */
export function crSamVariant(settings: CrSamSettings): SharpnessVariant<unknown> {
  const { gamma, beta } = settings;
  return {
    id: 'cr-sam',
    radius: 'linear',
    graphKey: () => 'step',
    initialState: () => ({}),
    estimate: ({ evaluate, radius: rho, state }) => {
      const { loss, gradient: clean } = evaluate();
      const epsilon = ofLength(clean, rho);
      const opposite = scale(epsilon, -1);
      const ahead = evaluate({ offset: epsilon }).gradient;
      const behind = evaluate({ offset: opposite }).gradient;
      const gradient = regularized({ clean, ahead, behind }, settings);
      // rho moves both gradients: gp by H d at theta + epsilon, gm by -H d at theta - epsilon.
      const ascent = ascentOf(epsilon, rho, {
        clean,
        perturbed: ahead,
        factor: 1 + gamma + beta,
        others: [ascentOf(opposite, rho, { clean, perturbed: behind, factor: gamma - beta })],
      });
      return { loss, gradient, state, ascent, metrics: { perturbationNorm: norm(epsilon) } };
    },
  };
}
