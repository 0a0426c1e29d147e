// Written by `npm run options` from the schemas of the plugins: do not edit.
export type {} from '@flatmin/core';

/**
 * Options of `{ use: 'mlp1d-cnn' }`. The small convolutional network of MNIST-1D: three convolutions along sequences.
 */
export interface Mlp1dCnnSpecOptions {
  /**
   * Channels of each of the three convolutions. Default: 25.
   */
  readonly channels?: number;
}

declare module '@flatmin/core' {
  interface PluginOptions {
    readonly 'mlp1d-cnn': Mlp1dCnnSpecOptions;
  }
  interface PluginKindById {
    readonly 'mlp1d-cnn': 'model';
  }
}
