// Written by `npm run options` from the schemas of the plugins: do not edit.
export type {} from '@flatmin/core';
import type { Schedule } from '@flatmin/core/plugin';

/**
 * Options of `{ use: 'vasso' }`. Variance-Suppressed Sharpness-aware Optimization: perturbs along a moving average of gradients.
 */
export interface VassoSpecOptions {
  /**
   * Perturbation radius: the length of the ascent step, or a schedule of it. Default: 0.05.
   */
  readonly rho?: Schedule;
  /**
   * Weight of the newest gradient in the average; smaller smooths more, 1 is SAM. Default: 0.9.
   */
  readonly theta?: number;
}

declare module '@flatmin/core' {
  interface PluginOptions {
    readonly vasso: VassoSpecOptions;
  }
}
