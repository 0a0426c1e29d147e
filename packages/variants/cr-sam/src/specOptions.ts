// Written by `npm run options` from the schemas of the plugins: do not edit.
export type {} from '@flatmin/core';
import type { Schedule } from '@flatmin/core/plugin';

/**
 * Options of `{ use: 'cr-sam' }`. Curvature Regularized SAM: SAM with a curvature term, from gradients on both sides of the weights.
 */
export interface CrSamSpecOptions {
  /**
   * Perturbation radius: the length of the ascent, both ways (0.1: the official class), or a schedule of it. Default: 0.1.
   */
  readonly rho?: Schedule;
  /**
   * Weight of the curvature term gp + gm - 2 g. 0.1: the official class. Default: 0.1.
   */
  readonly gamma?: number;
  /**
   * Weight of the slope term gp - gm. 0.1: the official class, 0.01: its script. gamma = beta = 0 is SAM. Default: 0.1.
   */
  readonly beta?: number;
}

declare module '@flatmin/core' {
  interface PluginOptions {
    readonly 'cr-sam': CrSamSpecOptions;
  }
}
