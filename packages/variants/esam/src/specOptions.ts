// Written by `npm run options` from the schemas of the plugins: do not edit.
export type {} from '@flatmin/core';
import type { Schedule } from '@flatmin/core/plugin';

/**
 * Options of `{ use: 'esam' }`. Efficient SAM: perturbs some of the tensors, and descends on the examples that this hurts most.
 */
export interface EsamSpecOptions {
  /**
   * Perturbation radius: the length of the ascent step is rho / beta (0.05: the official class), or a schedule of it. Default: 0.05.
   */
  readonly rho?: Schedule;
  /**
   * Probability that a tensor is perturbed. 1 (the official class) perturbs all. Default: 1.
   */
  readonly beta?: number;
  /**
   * Share of the examples in the second gradient, those with the largest loss increase; below 1 it needs a loss with batch access. 1 (the official class) takes all. Default: 1.
   */
  readonly gamma?: number;
}

declare module '@flatmin/core' {
  interface PluginOptions {
    readonly esam: EsamSpecOptions;
  }
}
