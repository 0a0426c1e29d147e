// Written by `npm run options` from the schemas of the plugins: do not edit.
export type {} from '@flatmin/core';

/**
 * Options of `{ use: 'ae-looksam' }`. AE-LookSAM: AE-SAM that reuses LookSAM's component on the steps on which it does not perturb.
 */
export interface AeLooksamSpecOptions {
  /**
   * Length of the reused component, in units of the gradient. Default looksam's.
   */
  readonly alpha?: number;
  /**
   * Takes the component tensor by tensor. Default looksam's.
   */
  readonly layerwise?: boolean;
  /**
   * Decay of the moving mean and variance. Default ae-sam's.
   */
  readonly delta?: number;
  /**
   * c_t at the end of training. Default ae-sam's.
   */
  readonly lambda1?: number;
  /**
   * c_t at the start of training. Default ae-sam's.
   */
  readonly lambda2?: number;
  /**
   * The moving mean before the first step. Default ae-sam's.
   */
  readonly mu0?: number;
  /**
   * The moving variance before the first step. Default ae-sam's.
   */
  readonly var0?: number;
  /**
   * T, the steps of the run; default: that of the context.
   */
  readonly totalSteps?: number;
}

declare module '@flatmin/core' {
  interface PluginOptions {
    readonly 'ae-looksam': AeLooksamSpecOptions;
  }
  interface PluginKindById {
    readonly 'ae-looksam': 'meta';
  }
}
