// Written by `npm run options` from the schemas of the plugins: do not edit.
export type {} from '@flatmin/core';
import type { Schedule } from '@flatmin/core/plugin';

/**
 * Options of `{ use: 'lightsam' }`. LightSAM: SAM whose radius and learning rate adapt to the gradients seen, as in AdaGrad-Norm.
 */
export interface LightsamSpecOptions {
  /**
   * The radius that shrinks as u grows; at most the length of the offset. 0.05 is ours, or a schedule of it. Default: 0.05.
   */
  readonly rho?: Schedule;
  /**
   * u and v begin at its square; the larger, the smaller the first steps. 1e-8 is ours. Default: 1e-8.
   */
  readonly epsilon?: number;
}

declare module '@flatmin/core' {
  interface PluginOptions {
    readonly lightsam: LightsamSpecOptions;
  }
}
