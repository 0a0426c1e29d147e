// Written by `npm run options` from the schemas of the plugins: do not edit.
export type {} from '@flatmin/core';

/**
 * Options of `{ use: 'resnet' }`. Residual networks: ResNet-18, WRN-28-10, PyramidNet-110, ResNet-50.
 */
export interface ResnetSpecOptions {
  /**
   * resnet-18, wrn-28-10 and pyramidnet-110 are for images of about 32x32, resnet-50 for 224x224. Default: "resnet-18".
   */
  readonly architecture?: 'resnet-18' | 'wrn-28-10' | 'pyramidnet-110' | 'resnet-50';
  /**
   * Factor for the numbers of channels of the paper, rounded, at least 1 each; below 1 for small runs. Default: 1.
   */
  readonly width?: number;
  /**
   * Only for wrn-28-10: share of values dropped between the two convolutions of a block; 0.3 in its paper. Default: 0.
   */
  readonly dropout?: number;
}

declare module '@flatmin/core' {
  interface PluginOptions {
    readonly resnet: ResnetSpecOptions;
  }
  interface PluginKindById {
    readonly resnet: 'model';
  }
}
