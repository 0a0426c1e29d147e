// Written by `npm run options` from the schemas of the plugins: do not edit.
export type {} from '@flatmin/core';
import type { Schedule } from '@flatmin/core/plugin';

/**
 * Options of `{ use: 'sampa' }`. SAMPa: perturbs along a gradient of the previous step, so that its two gradients can be computed at once.
 */
export interface SampaSpecOptions {
  /**
   * Perturbation radius (0.1: the official script), or a schedule of it. Default: 0.1.
   */
  readonly rho?: Schedule;
  /**
   * Weight of the gradient at y in the final one; 0 is the plain SAMPa of the paper. 0.2: the official script. Default: 0.2.
   */
  readonly lambda?: number;
  /**
   * The batch of the gradient at the offset: previous, the one on which c was computed (the official code), which needs a loss with batch access; or current, that of the step (ours). Default: "previous".
   */
  readonly perturbedBatch?: 'previous' | 'current';
}

declare module '@flatmin/core' {
  interface PluginOptions {
    readonly sampa: SampaSpecOptions;
  }
}
