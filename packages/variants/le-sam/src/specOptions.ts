// Written by `npm run options` from the schemas of the plugins: do not edit.
export type {} from '@flatmin/core';
import type { Schedule } from '@flatmin/core/plugin';

/**
 * Options of `{ use: 'le-sam' }`. LE-SAM: fixes how much the loss rises in the ascent, and lets the radius follow from it.
 */
export interface LeSamSpecOptions {
  /**
   * By how much the ascent raises the loss, to first order, or a schedule of it; the paper lets it fall to 0.
   */
  readonly sigma: Schedule;
  /**
   * Cap of the radius, which binds where the gradient is short.
   */
  readonly rhoMax: number;
  /**
   * c: added to the norm of the gradient under sigma. Default: 1e-12.
   */
  readonly epsilon?: number;
}

declare module '@flatmin/core' {
  interface PluginOptions {
    readonly 'le-sam': LeSamSpecOptions;
  }
}
