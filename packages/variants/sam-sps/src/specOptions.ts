// Written by `npm run options` from the schemas of the plugins: do not edit.
export type {} from '@flatmin/core';
import type { Schedule } from '@flatmin/core/plugin';

/**
 * Options of `{ use: 'sam-sps' }`. SAM-SPS: SAM with a Polyak step size, from the perturbed loss and a lower bound on the loss.
 */
export interface SamSpsSpecOptions {
  /**
   * Size of the ascent: its length with lambda 1 (0.1: the official class), or a schedule of it. Default: 0.1.
   */
  readonly rho?: Schedule;
  /**
   * The perturbation is rho (1 - lambda + lambda / ||g||) g: 1 (the official class) is that of SAM, 0 of USAM. Default: 1.
   */
  readonly lambda?: number;
  /**
   * Lower bound on the loss of a batch. 0: the official class (f_star). Default: 0.
   */
  readonly lowerBound?: number;
  /**
   * The largest step size. 1: the official class (gamma_b). Default: 1.
   */
  readonly gammaMax?: number;
}

declare module '@flatmin/core' {
  interface PluginOptions {
    readonly 'sam-sps': SamSpsSpecOptions;
  }
}
