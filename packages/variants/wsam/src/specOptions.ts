// Written by `npm run options` from the schemas of the plugins: do not edit.
export type {} from '@flatmin/core';
import type { Schedule } from '@flatmin/core/plugin';

/**
 * Options of `{ use: 'wsam' }`. Weighted SAM: sharpness as a regularization term with its own weight.
 */
export interface WsamSpecOptions {
  /**
   * Perturbation radius: the length of the ascent step, or a schedule of it. Default: 0.05.
   */
  readonly rho?: Schedule;
  /**
   * Weight of sharpness: the loss plus gamma / (1 - gamma) of it. 0 is the base, 0.5 SAM. Default: 0.88.
   */
  readonly gamma?: number;
  /**
   * Applies the sharpness term separately, at the learning rate of the base; false passes it to the base. Default: true.
   */
  readonly decouple?: boolean;
}

declare module '@flatmin/core' {
  interface PluginOptions {
    readonly wsam: WsamSpecOptions;
  }
}
