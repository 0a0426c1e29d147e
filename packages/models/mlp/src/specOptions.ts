// Written by `npm run options` from the schemas of the plugins: do not edit.
export type {} from '@flatmin/core';

/**
 * Options of `{ use: 'mlp' }`. Multilayer perceptron over flattened inputs.
 */
export interface MlpSpecOptions {
  /**
   * Units of each hidden layer; an empty list gives softmax regression. Default: [100,100].
   */
  readonly hidden?: readonly number[];
  /**
   * Activation of the hidden layers; relu weights start by He's rule, tanh weights by Glorot's. Default: "relu".
   */
  readonly activation?: 'relu' | 'tanh';
  /**
   * Normalization of each hidden layer before its activation: over the batch, over the units of each example, or none. Default: "none".
   */
  readonly normalization?: 'none' | 'batch' | 'layer';
}

declare module '@flatmin/core' {
  interface PluginOptions {
    readonly mlp: MlpSpecOptions;
  }
  interface PluginKindById {
    readonly mlp: 'model';
  }
}
