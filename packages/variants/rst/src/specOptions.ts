// Written by `npm run options` from the schemas of the plugins: do not edit.
export type {} from '@flatmin/core';
import type { Ramp } from '@flatmin/core/plugin';

/**
 * Options of `{ use: 'rst' }`. Randomized Sharpness-aware Training: tosses a coin each step between the variant inside and its base.
 */
export interface RstSpecOptions {
  /**
   * Probability of a step of the inner variant, or a schedule of it. Default 0.5 (ours).
   */
  readonly p?: Ramp;
  /**
   * The coins themselves, in place of p: step t perturbs if coins[t mod length] is 1.
   */
  readonly coins?: readonly (0 | 1)[];
  /**
   * G-RST: the step's gradient is (1 - gamma) g + gamma ghat. 1 (RST) is just ghat. Default: 1.
   */
  readonly gamma?: number;
}

declare module '@flatmin/core' {
  interface PluginOptions {
    readonly rst: RstSpecOptions;
  }
  interface PluginKindById {
    readonly rst: 'meta';
  }
}
