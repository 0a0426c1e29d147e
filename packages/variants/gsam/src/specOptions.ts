// Written by `npm run options` from the schemas of the plugins: do not edit.
export type {} from '@flatmin/core';
import type { Schedule } from '@flatmin/core/plugin';

/**
 * Options of `{ use: 'gsam' }`. Surrogate Gap Guided SAM: lowers the perturbed loss and the gap between it and the loss.
 */
export interface GsamSpecOptions {
  /**
   * Perturbation radius (the paper's follows the learning rate: { schedule: 'proportional', ... }), or a schedule of it. Default: 0.05.
   */
  readonly rho?: Schedule;
  /**
   * How much of the clean gradient orthogonal to the perturbed one is subtracted; 0 is SAM. Default: 0.4.
   */
  readonly alpha?: number;
}

declare module '@flatmin/core' {
  interface PluginOptions {
    readonly gsam: GsamSpecOptions;
  }
}
