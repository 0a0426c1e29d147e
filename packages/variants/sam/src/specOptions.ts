// Written by `npm run options` from the schemas of the plugins: do not edit.
export type {} from '@flatmin/core';
import type { Schedule } from '@flatmin/core/plugin';

/**
 * Options of `{ use: 'sam' }`. Sharpness-Aware Minimization: descends along the gradient at the worst point of a ball around the weights.
 */
export interface SamSpecOptions {
  /**
   * Perturbation radius: the length of each ascent step, in the L2 norm over all weights (0.05: the paper, for CIFAR), or a schedule of it. Default: 0.05.
   */
  readonly rho?: Schedule;
  /**
   * Ascent steps, each of length rho; each costs one gradient. 1 is the paper. Default: 1.
   */
  readonly ascentSteps?: number;
}

declare module '@flatmin/core' {
  interface PluginOptions {
    readonly sam: SamSpecOptions;
  }
}
