// Written by `npm run options` from the schemas of the plugins: do not edit.
export type {} from '@flatmin/core';
import type { Schedule } from '@flatmin/core/plugin';

/**
 * Options of `{ use: 'msam' }`. Momentum SAM: perturbs along the base's momentum, at the cost of the base's gradient alone.
 */
export interface MsamSpecOptions {
  /**
   * Perturbation radius (0.3: the official SGD class; its README uses 3 for CIFAR, its AdamW class 1), or a schedule of it. Default: 0.3.
   */
  readonly rho?: Schedule;
  /**
   * Reports the loss at the weights, at the cost of one forward pass; false: the loss at the offset, at no cost. Default ours. Default: true.
   */
  readonly cleanLoss?: boolean;
}

declare module '@flatmin/core' {
  interface PluginOptions {
    readonly msam: MsamSpecOptions;
  }
}
