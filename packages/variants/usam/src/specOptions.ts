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
  /**
   * Unified SAM: the perturbation is rho (1 - lambda + lambda / ||g||) g. 0 is USAM, 1 is SAM; '1/t' goes from SAM to USAM over the steps t = 1, 2, ..., '1-1/t' from USAM to SAM. Absent: USAM.
   */
  readonly lambda?: number | '1/t' | '1-1/t';
}

declare module '@flatmin/core' {
  interface PluginOptions {
    readonly usam: UsamSpecOptions;
  }
}
