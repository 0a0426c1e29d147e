// Written by `npm run options` from the schemas of the plugins: do not edit.
export type {} from '@flatmin/core';
import type { Schedule } from '@flatmin/core/plugin';

/**
 * Options of `{ use: 'bsam' }`. Bayesian SAM: an Adam-like optimizer that learns a Gaussian posterior over the weights, and perturbs according to it.
 */
export interface BsamSpecOptions {
  /**
   * Number of training examples; a larger number means less noise. Required.
   */
  readonly N: number;
  /**
   * Perturbation radius, in units of g / s (0.1: the official script; 0.01 in its README), or a schedule of it. Default: 0.1.
   */
  readonly rho?: Schedule;
  /**
   * Decay of the momentum. 0.9: the official script. Default: 0.9.
   */
  readonly beta1?: number;
  /**
   * Decay of s. 0.999: the official script. Default: 0.999.
   */
  readonly beta2?: number;
  /**
   * Precision of the prior: N times the weight decay. 25: the official script; 40 in its README. Default: 25.
   */
  readonly priorPrecision?: number;
  /**
   * Added to what s averages. 0.1: the official script. Default: 0.1.
   */
  readonly damping?: number;
  /**
   * Initial value of s. 1: the official script. Default: 1.
   */
  readonly sInit?: number;
}

declare module '@flatmin/core' {
  interface PluginOptions {
    readonly bsam: BsamSpecOptions;
  }
}
