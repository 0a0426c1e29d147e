// Written by `npm run options` from the schemas of the plugins: do not edit.
export type {} from '@flatmin/core';
import type { Schedule } from '@flatmin/core/plugin';

/**
 * Options of `{ use: 'asam' }`. Adaptive SAM: the ball is measured in units of the weights themselves, so that rescaling them changes nothing.
 */
export interface AsamSpecOptions {
  /**
   * Perturbation radius, relative to the size of the weights (0.5: the official code), or a schedule of it. Default: 0.5.
   */
  readonly rho?: Schedule;
  /**
   * Added to |w|, so that zero weights move too. 0.01: the official class. Default: 0.01.
   */
  readonly eta?: number;
  /**
   * Roles of the parameters scaled by |w| + eta; the others by 1. Default ours; the official code includes 'normalization'. Default: ["kernel","embedding"].
   */
  readonly adaptiveRoles?: readonly ('kernel' | 'bias' | 'normalization' | 'embedding' | 'other')[];
}

declare module '@flatmin/core' {
  interface PluginOptions {
    readonly asam: AsamSpecOptions;
  }
}
