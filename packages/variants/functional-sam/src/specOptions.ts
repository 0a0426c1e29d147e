// Written by `npm run options` from the schemas of the plugins: do not edit.
export type {} from '@flatmin/core';
import type { Schedule } from '@flatmin/core/plugin';

/**
 * Options of `{ use: 'functional-sam' }`. Functional SAM: evaluates the model's Jacobian at the offset, and the gradient with respect to its outputs at the weights.
 */
export interface FunctionalSamSpecOptions {
  /**
   * Perturbation radius in the L2 norm over all weights (default ours; the paper's is not verified), or a schedule of it. Default: 0.05.
   */
  readonly rho?: Schedule;
}

declare module '@flatmin/core' {
  interface PluginOptions {
    readonly 'functional-sam': FunctionalSamSpecOptions;
  }
}
