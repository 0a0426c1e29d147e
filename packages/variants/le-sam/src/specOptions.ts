// Written by `npm run options` from the schemas of the plugins: do not edit.
export type {} from '@flatmin/core';
import type { Schedule } from '@flatmin/core/plugin';

/**
 * Options of `{ use: 'le-sam' }`. LE-SAM: fixes how much the loss rises in the ascent, and derives the radius from it.
 */
export interface LeSamSpecOptions {
  /**
   * How much the ascent raises the loss, to first order, or a schedule of it; in the paper it falls to 0.
   */
  readonly sigma: Schedule;
  /**
   * Largest radius, reached where the gradient is small.
   */
  readonly rhoMax: number;
  /**
   * c: added to the gradient norm that divides sigma. Default: 1e-12.
   */
  readonly epsilon?: number;
}

declare module '@flatmin/core' {
  interface PluginOptions {
    readonly 'le-sam': LeSamSpecOptions;
  }
}
