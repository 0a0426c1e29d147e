import { FlatminError } from '@flatmin/core';
import {
  ascend,
  ofLength,
  type ParameterInfo,
  scale,
  type SharpnessVariant,
  type WeightVector,
} from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';

/** The options of the algorithm; rho is an argument of each step. */
export interface SamOnSettings {
  readonly p: 2 | 'infinity';
  readonly complement: boolean;
}

/**
 * Which parameters are perturbed: those of normalization layers, or all others. None is a mistake, and not the base
 * step.
 */
function perturbedOnes(parameters: readonly ParameterInfo[], complement: boolean): readonly boolean[] {
  const mask = parameters.map(({ role }) => (role === 'normalization') !== complement);
  if (mask.includes(true)) return mask;
  const what = complement ? 'all parameters except those of normalization' : 'only the parameters of normalization';
  throw new FlatminError(
    'VARIABLES_INVALID',
    `sam-on perturbs ${what}, and there are none among ${parameters.map(({ name }) => name).join(', ')}. ` +
      "Name roles in the context, { parameters: { [variable.name]: 'normalization' } }, or use sam.",
  );
}

/** SAM-ON as a variant: norm and perturbation restricted to normalization layers; the base updates every weight. */
export function samOnVariant({ p, complement }: SamOnSettings): SharpnessVariant<unknown> {
  return {
    id: 'sam-on',
    radius: 'linear',
    graphKey: () => 'step',
    initialState: () => ({}),
    estimate: (step) => {
      const mask = perturbedOnes(step.parameters, complement);
      // The whole clean gradient, though only part of it is climbed: LETS's secant needs the rest.
      const { loss, gradient: g } = step.evaluate();
      const part: WeightVector = g.map((tensor, i) => (mask[i] ? tensor : tf.zerosLike(tensor)));
      const signs = (): WeightVector => part.map((tensor) => tf.sign(tensor));
      const offset = p === 2 ? ofLength(part, step.radius) : scale(signs(), step.radius);
      const { perturbed, ascent, metrics } = ascend(step, offset);
      return { loss, gradient: perturbed, state: step.state, ascent, metrics };
    },
  };
}
