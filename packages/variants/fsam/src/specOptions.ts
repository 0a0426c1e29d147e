// Written by `npm run options` from the schemas of the plugins: do not edit.
export type {} from '@flatmin/core';
import type { Schedule } from '@flatmin/core/plugin';

/**
 * Options of `{ use: 'fsam' }`. Friendly SAM: perturbs along the noise of the batch, which is the gradient minus its moving average.
 */
export interface FsamSpecOptions {
  /**
   * Perturbation radius: the length of the ascent step, or a schedule of it. Default: 0.05.
   */
  readonly rho?: Schedule;
  /**
   * How much of the averaged gradient is subtracted; 0 is SAM. Default: 1.
   */
  readonly sigma?: number;
  /**
   * Decay of the average of gradients. Default: 0.9.
   */
  readonly lambda?: number;
}

declare module '@flatmin/core' {
  interface PluginOptions {
    readonly fsam: FsamSpecOptions;
  }
}
