// Written by `npm run options` from the schemas of the plugins: do not edit.
export type {} from '@flatmin/core';
import type { Schedule } from '@flatmin/core/plugin';

/**
 * Options of `{ use: 'gam' }`. Gradient norm Aware Minimization: also descends on the largest gradient norm around the weights.
 */
export interface GamSpecOptions {
  /**
   * rho: the radius in which it looks for a larger gradient norm (0.2: the official code), or a schedule of it. Default: 0.2.
   */
  readonly gradNormRho?: Schedule;
  /**
   * rho': the length of the ascents along the gradient, like SAM's rho. 0.02: the official code. Default: 0.02.
   */
  readonly gradRho?: number;
  /**
   * Weight of g1, the gradient one ascent away. 0.6: the official script, CIFAR-100 and ResNet. Default: 0.6.
   */
  readonly beta1?: number;
  /**
   * Weight of g2; its absolute value is used. 0.5: the official script, as 1 - its beta0. Default: 0.5.
   */
  readonly beta2?: number;
  /**
   * Weight of g3. 0.4: the official script, 1 - beta1. Default: 0.4.
   */
  readonly beta3?: number;
  /**
   * How much of the part of p orthogonal to q is subtracted. 0.03: the official code. Default: 0.03.
   */
  readonly gamma?: number;
}

declare module '@flatmin/core' {
  interface PluginOptions {
    readonly gam: GamSpecOptions;
  }
}
