// Written by `npm run options` from the schemas of the plugins: do not edit.
export type {} from '@flatmin/core';
import type { Schedule } from '@flatmin/core/plugin';

/**
 * Options of `{ use: 'rwp' }`. Random weight perturbation: perturbs by Gaussian noise as large as the filters (RWP, ARWP, m-RWP, m-ARWP).
 */
export interface RwpSpecOptions {
  /**
   * Standard deviation of the noise, in units of the length of the filter (0.01: the official script), or a schedule of it. Default: 0.01.
   */
  readonly sigma?: Schedule;
  /**
   * Weight of the gradient at the noisy point; below 1, the clean gradient gets the rest (m-RWP; official: 0.5). 1 is plain RWP, with one gradient. Default: 1.
   */
  readonly lambda?: number;
  /**
   * How much F damps the noise (ARWP; official: 0.1 in its scripts, 1 in its code). 0 is RWP. Default: 0.
   */
  readonly eta?: number;
  /**
   * Decay of F. 0.99: the official scripts; 0.9 in their code. Default: 0.99.
   */
  readonly beta?: number;
  /**
   * With lambda 1: takes a forward pass at the weights for loss, metrics and statistics (ours). Default: true.
   */
  readonly cleanLoss?: boolean;
}

declare module '@flatmin/core' {
  interface PluginOptions {
    readonly rwp: RwpSpecOptions;
  }
}
