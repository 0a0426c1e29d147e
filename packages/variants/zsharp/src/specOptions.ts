// Written by `npm run options` from the schemas of the plugins: do not edit.
export type {} from '@flatmin/core';
import type { Schedule } from '@flatmin/core/plugin';

/**
 * Options of `{ use: 'zsharp' }`. ZSharp: SAM that perturbs matrices only along the entries of the gradient that stand out in them.
 */
export interface ZsharpSpecOptions {
  /**
   * Perturbation radius: the length of the ascent in each tensor of rank >= 2 (0.05: the official class), or a schedule of it. Default: 0.05.
   */
  readonly rho?: Schedule;
  /**
   * Entries of a tensor of rank >= 2 whose |z| is above this percentile are kept. 95: the official script. Default: 95.
   */
  readonly percentile?: number;
  /**
   * What is scaled to the length rho: each filtered tensor ('tensor', the official code) or all together ('global', the paper's formula). Default: "tensor".
   */
  readonly normalization?: 'tensor' | 'global';
}

declare module '@flatmin/core' {
  interface PluginOptions {
    readonly zsharp: ZsharpSpecOptions;
  }
}
