// Written by `npm run options` from the schemas of the plugins: do not edit.
export type {} from '@flatmin/core';
import type { Schedule } from '@flatmin/core/plugin';

/**
 * Options of `{ use: 'functional-sam' }`. Functional SAM: moves the model's Jacobian to the offset, and leaves the gradient by its outputs where it was.
 */
export interface FunctionalSamSpecOptions {
  /**
   * Perturbation radius, in the L2 norm over all weights. Default ours; the paper's was not verified, or a schedule of it. Default: 0.05.
   */
  readonly rho?: Schedule;
}

declare module '@flatmin/core' {
  interface PluginOptions {
    readonly 'functional-sam': FunctionalSamSpecOptions;
  }
}
