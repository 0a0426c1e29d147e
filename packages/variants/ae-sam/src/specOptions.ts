// Written by `npm run options` from the schemas of the plugins: do not edit.
export type {} from '@flatmin/core';

/**
 * Options of `{ use: 'ae-sam' }`. AE-SAM: perturbs only where the squared gradient norm is large compared with its moving mean and deviation.
 */
export interface AeSamSpecOptions {
  /**
   * Decay of the moving mean and variance. Default ours. Default: 0.9.
   */
  readonly delta?: number;
  /**
   * c_t at the end of training; a lower value lets more steps perturb. Default ours. Default: -1.
   */
  readonly lambda1?: number;
  /**
   * c_t at the start of training. Default ours. Default: 1.
   */
  readonly lambda2?: number;
  /**
   * The moving mean before the first step. Default ours. Default: 0.
   */
  readonly mu0?: number;
  /**
   * The moving variance before the first step. Default exp(-10), ours. Default: 0.00004539992976248485.
   */
  readonly var0?: number;
  /**
   * T, the steps of the run, over which c_t goes from lambda2 to lambda1; default: that of the context.
   */
  readonly totalSteps?: number;
}

declare module '@flatmin/core' {
  interface PluginOptions {
    readonly 'ae-sam': AeSamSpecOptions;
  }
  interface PluginKindById {
    readonly 'ae-sam': 'meta';
  }
}
