// Written by `npm run options` from the schemas of the plugins: do not edit.
export type {} from '@flatmin/core';
import type { Schedule } from '@flatmin/core/plugin';

/**
 * Options of `{ use: 'lightsam' }`. LightSAM: SAM whose radius and learning rate adapt to the gradients seen, as in AdaGrad-Norm.
 */
export interface LightsamSpecOptions {
  /**
   * Upper bound of the length of the offset, which shrinks as u grows (0.05: ours), or a schedule of it. Default: 0.05.
   */
  readonly rho?: Schedule;
  /**
   * u and v begin at its square; a larger value makes the first steps smaller. 1e-8: ours. Default: 1e-8.
   */
  readonly epsilon?: number;
}

declare module '@flatmin/core' {
  interface PluginOptions {
    readonly lightsam: LightsamSpecOptions;
  }
}
