// Written by `npm run options` from the schemas of the plugins: do not edit.
export type {} from '@flatmin/core';

/**
 * Options of `{ use: 'adamw' }`. AdamW: Adam whose weight decay is decoupled from its moments.
 */
export interface AdamwSpecOptions {
  /**
   * Learning rate (0.001: PyTorch). Default: 0.001.
   */
  readonly learningRate?: number;
  /**
   * Decay of the first moment (0.9: the paper). Default: 0.9.
   */
  readonly beta1?: number;
  /**
   * Decay of the second moment (0.999: the paper). Default: 0.999.
   */
  readonly beta2?: number;
  /**
   * Added to the root (1e-8: the paper). Default: 1e-8.
   */
  readonly epsilon?: number;
  /**
   * lambda: weights shrink by 1 - learningRate lambda (0.01: PyTorch). Default: 0.01.
   */
  readonly weightDecay?: number;
  /**
   * Roles of the parameters that decay; ["kernel", "embedding"] excludes biases and normalization. Default: all.
   */
  readonly decayRoles?: readonly ('kernel' | 'bias' | 'normalization' | 'embedding' | 'other')[];
}

/**
 * Options of `{ use: 'sgdw' }`. SGD with momentum, also in Nesterov’s form, and weight decay, decoupled or coupled.
 */
export interface SgdwSpecOptions {
  /**
   * Learning rate.
   */
  readonly learningRate: number;
  /**
   * How much of the last step remains (0: PyTorch). Default: 0.
   */
  readonly momentum?: number;
  /**
   * Nesterov's form; needs momentum. Default: false.
   */
  readonly nesterov?: boolean;
  /**
   * lambda of the weight decay (0: PyTorch). Default: 0.
   */
  readonly weightDecay?: number;
  /**
   * true: weights shrink by 1 - learningRate lambda (SGDW). false: lambda theta is added to the gradient, as PyTorch does. Default: true.
   */
  readonly decoupled?: boolean;
  /**
   * Roles of the parameters that decay; ["kernel", "embedding"] excludes biases and normalization. Default: all.
   */
  readonly decayRoles?: readonly ('kernel' | 'bias' | 'normalization' | 'embedding' | 'other')[];
}

declare module '@flatmin/core' {
  interface PluginOptions {
    readonly adamw: AdamwSpecOptions;
    readonly sgdw: SgdwSpecOptions;
  }
  interface PluginKindById {
    readonly adamw: 'base';
    readonly sgdw: 'base';
  }
}
