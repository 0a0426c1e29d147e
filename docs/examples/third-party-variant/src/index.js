import { ascend, definePlugin, radius, scale, variantFactory } from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';

/** The algorithm: epsilon = rho sign(g), the worst point of a ball in the maximum norm, to first order. */
function linfSamVariant() {
  return {
    id: 'linf-sam',
    radius: 'linear', // The offset is rho times something free of rho, so LETS can learn rho.
    initialState: () => ({}),
    estimate: (step) => {
      const { loss, gradient } = step.evaluate();
      const direction = gradient.map((g) => tf.sign(g));
      const { perturbed, ascent, metrics } = ascend(step, scale(direction, step.radius));
      return { loss, gradient: perturbed, state: step.state, ascent, metrics };
    },
  };
}

/** The plugin, for specs: `{ use: 'linf-sam', rho: 0.002, base: { ... } }`. */
const linfSamPlugin = definePlugin({
  kind: 'variant',
  id: 'linf-sam',
  apiVersion: 1,
  description: 'SAM whose ball is a cube: every weight moves by rho, up or down.',
  about: {
    paper: 'Foret et al., ICLR 2021, arXiv 2010.01412, equation 2 with p = infinity',
    direction: 'sign(g)',
    finalGradient: 'gp',
    evaluations: '2',
    state: 'none',
  },
  options: z.strictObject({
    rho: radius(0.001, 'How far each weight moves (0.001: the choice of this package)'),
  }),
  create: linfSamVariant,
});

export default linfSamPlugin;

/** The same in code: `linfSam({ rho: 0.002, base })`. */
export const linfSam = variantFactory(linfSamPlugin);
