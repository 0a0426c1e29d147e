// Written by `npm run options` from the schemas of the plugins: do not edit.
export type {} from '@flatmin/core';
import type { Schedule } from '@flatmin/core/plugin';

/**
 * Options of `{ use: 'tilted-sam' }`. Tilted SAM: averages the gradients of several perturbed points, giving more weight to those of larger loss.
 */
export interface TiltedSamSpecOptions {
  /**
   * Length of the ascent from each noisy point (0.05: the official script), or a schedule of it. Default: 0.05.
   */
  readonly rho?: Schedule;
  /**
   * t: 0 weights all samples equally; with a large value the sample of largest loss dominates. 1: the official script. Default: 1.
   */
  readonly tilt?: number;
  /**
   * Perturbed points, two gradients each. 3: the official script. Default: 3.
   */
  readonly samples?: number;
  /**
   * Largest length of the noise that a sample starts from, over all weights; 0 is SAM. 1: the official script. Default: 1.
   */
  readonly noise?: number;
}

declare module '@flatmin/core' {
  interface PluginOptions {
    readonly 'tilted-sam': TiltedSamSpecOptions;
  }
}
