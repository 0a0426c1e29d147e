// Written by `npm run options` from the schemas of the plugins: do not edit.
export type {} from '@flatmin/core';

/**
 * Options of `{ use: 'vit' }`. Vision transformers: ViT-S/16, and small ones for small images.
 */
export interface VitSpecOptions {
  /**
   * Side of a patch in pixels; divides height and width of the images (4 for 32x32 and 28x28). Default: 16.
   */
  readonly patch?: number;
  /**
   * Numbers that represent each patch; a multiple of heads. Default: 384.
   */
  readonly width?: number;
  /**
   * Blocks of attention and MLP. Default: 12.
   */
  readonly depth?: number;
  /**
   * Heads of each attention. Default: 6.
   */
  readonly heads?: number;
  /**
   * Hidden units of each MLP divided by width. Default: 4.
   */
  readonly mlpRatio?: number;
  /**
   * Share of values dropped after the embedding and after each dense layer of a block except the first; 0.1 in the paper. Default: 0.
   */
  readonly dropout?: number;
}

declare module '@flatmin/core' {
  interface PluginOptions {
    readonly vit: VitSpecOptions;
  }
  interface PluginKindById {
    readonly vit: 'model';
  }
}
