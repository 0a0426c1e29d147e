// Written by `npm run options` from the schemas of the plugins: do not edit.
export type {} from '@flatmin/core';
import type { Schedule } from '@flatmin/core/plugin';

/**
 * Options of `{ use: 'fisher-sam' }`. Fisher SAM: the ball is measured by the Fisher information, so that sensitive weights move less.
 */
export interface FisherSamSpecOptions {
  /**
   * Perturbation radius in the Fisher metric (gamma in the paper), or a schedule of it. Default: 0.1.
   */
  readonly rho?: Schedule;
  /**
   * Weight of the squared gradient in F = 1 + eta g^2; 0 is SAM. Default: 1.
   */
  readonly eta?: number;
}

declare module '@flatmin/core' {
  interface PluginOptions {
    readonly 'fisher-sam': FisherSamSpecOptions;
  }
}
