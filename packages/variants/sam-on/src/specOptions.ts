// Written by `npm run options` from the schemas of the plugins: do not edit.
export type {} from '@flatmin/core';
import type { Schedule } from '@flatmin/core/plugin';

/**
 * Options of `{ use: 'sam-on' }`. SAM-ON: perturbs only the parameters of normalization layers.
 */
export interface SamOnSpecOptions {
  /**
   * Perturbation radius, over the perturbed parameters only, or a schedule of it. Default: 0.5.
   */
  readonly rho?: Schedule;
  /**
   * The norm that bounds the perturbation: 2, or infinity, which moves each perturbed number by rho. Default: 2.
   */
  readonly p?: 2 | 'infinity';
  /**
   * Perturbs all parameters except those of normalization (no_norm in the official code). Default: false.
   */
  readonly complement?: boolean;
}

declare module '@flatmin/core' {
  interface PluginOptions {
    readonly 'sam-on': SamOnSpecOptions;
  }
}
