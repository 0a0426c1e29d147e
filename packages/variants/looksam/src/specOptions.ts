// Written by `npm run options` from the schemas of the plugins: do not edit.
export type {} from '@flatmin/core';

/**
 * Options of `{ use: 'looksam' }`. LookSAM: perturbs every k-th step and reuses in between what the perturbation added to the gradient.
 */
export interface LooksamSpecOptions {
  /**
   * The inner variant takes the steps whose index is a multiple of k. 10: the unofficial implementations. Default: 10.
   */
  readonly k?: number;
  /**
   * Length of the reused component, in units of the gradient. 0.7: the unofficial implementations. Default: 0.7.
   */
  readonly alpha?: number;
  /**
   * Takes the component tensor by tensor, as some ports do, rather than over all weights (the formula). Default: false.
   */
  readonly layerwise?: boolean;
}

declare module '@flatmin/core' {
  interface PluginOptions {
    readonly looksam: LooksamSpecOptions;
  }
  interface PluginKindById {
    readonly looksam: 'meta';
  }
}
