// Written by `npm run options` from the schemas of the plugins: do not edit.
export type {} from '@flatmin/core';
import type { Schedule } from '@flatmin/core/plugin';

/**
 * Options of `{ use: 'eigen-sam' }`. Eigen-SAM: turns the offset of SAM towards the top eigenvector of the Hessian.
 */
export interface EigenSamSpecOptions {
  /**
   * Perturbation radius (0.1: the example of the official README), or a schedule of it. Default: 0.1.
   */
  readonly rho?: Schedule;
  /**
   * How much of v is added; 0 is SAM. 0.2: the example of the official README. Default: 0.2.
   */
  readonly alpha?: number;
  /**
   * Perturbing steps for which an estimate of v is used. 100: the example of the official README. Default: 100.
   */
  readonly refreshEvery?: number;
  /**
   * Power iterations of an estimate, two gradients each. 5: the official code. Default: 5.
   */
  readonly iterations?: number;
}

declare module '@flatmin/core' {
  interface PluginOptions {
    readonly 'eigen-sam': EigenSamSpecOptions;
  }
}
