// Written by `npm run options` from the schemas of the plugins: do not edit.
export type {} from '@flatmin/core';
import type { Schedule } from '@flatmin/core/plugin';

/**
 * Options of `{ use: 'ssam' }`. Sparse SAM: perturbs only the weights that matter to the loss, by a mask that is renewed from time to time.
 */
export interface SsamSpecOptions {
  /**
   * Perturbation radius: the largest length of the offset (0.05: the official code; 0.1 in its README), or a schedule of it. Default: 0.05.
   */
  readonly rho?: Schedule;
  /**
   * SSAM-F, SSAM-D, or a fixed mask: one flat array of 0 and 1 per parameter, in the order of the variables. Default ours. Default: "fisher".
   */
  readonly mask?: ('fisher' | 'dynamic') | ReadonlyArray<readonly (0 | 1)[]>;
  /**
   * Share of the weights that are not perturbed. 0.2: the official code; 0.5 in its README. Default: 0.2.
   */
  readonly sparsity?: number;
  /**
   * Number of perturbing steps for which a mask is used. Default ours; the official code counts epochs: 5, 1 in its README. Default: 100.
   */
  readonly refreshEvery?: number;
  /**
   * Examples of the batch whose squared gradients SSAM-F adds up, one gradient each; needs a loss with batch access. 0 (ours) squares the gradient of the batch, at no cost. The official code: 1024, 16 in its README. Default: 0.
   */
  readonly fisherSamples?: number;
  /**
   * Share of the mask that SSAM-D exchanges, falling to 0 as a cosine if totalSteps is known; no more than there are weights outside the mask. 0.5: the official code. Default: 0.5.
   */
  readonly dropRate?: number;
}

declare module '@flatmin/core' {
  interface PluginOptions {
    readonly ssam: SsamSpecOptions;
  }
}
