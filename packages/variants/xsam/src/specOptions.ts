// Written by `npm run options` from the schemas of the plugins: do not edit.
export type {} from '@flatmin/core';

/**
 * Options of `{ use: 'xsam' }`. XSAM: turns from the ascent to the perturbed gradient and beyond it, towards where the loss is largest.
 */
export interface XsamSpecOptions {
  /**
   * Total length of all ascents: a number, without a schedule, which LETS cannot learn. 0.15: the official script. Default: 0.15.
   */
  readonly rho?: number;
  /**
   * Ascents, each of length rho / ascentSteps; each costs one gradient. 1: the official script. Default: 1.
   */
  readonly ascentSteps?: number;
  /**
   * How far to turn: 0 is the ascent, 1 the gradient there (SAM), more is beyond; until the first search. 1: the official script. Default: 1.
   */
  readonly alpha?: number;
  /**
   * On steps whose index is a multiple of it, alpha is searched for; the official code does so once an epoch. Absent: never.
   */
  readonly searchEvery?: number;
  /**
   * How far from the weights the search looks. 0.3: the official script. Default: 0.3.
   */
  readonly rhoMax?: number;
  /**
   * The largest alpha that is tried. 2: the official script. Default: 2.
   */
  readonly alphaMax?: number;
  /**
   * The distance between the alphas that are tried; the first is 0. 0.1: the official script. Default: 0.1.
   */
  readonly alphaDelta?: number;
}

declare module '@flatmin/core' {
  interface PluginOptions {
    readonly xsam: XsamSpecOptions;
  }
}
