// Written by `npm run options` from the schemas of the plugins: do not edit.
export type {} from '@flatmin/core';
import type { Schedule } from '@flatmin/core/plugin';

/**
 * Options of `{ use: 'usam' }`. Unnormalized SAM: the perturbation is proportional to the gradient.
 */
export interface UsamSpecOptions {
  /**
   * Step size of the ascent: the perturbation is rho times the gradient, or a schedule of it. Default: 0.05.
   */
  readonly rho?: Schedule;
}

declare module '@flatmin/core' {
  interface PluginOptions {
    readonly usam: UsamSpecOptions;
  }
}
