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
 * Options of `{ use: 'lamb' }`. LAMB: the direction of Adam, as long for each tensor as its weights, for large batches.
 */
export interface LambSpecOptions {
  /**
   * Learning rate.
   */
  readonly learningRate: number;
  /**
   * Decay of the first moment (0.9: optax). Default: 0.9.
   */
  readonly beta1?: number;
  /**
   * Decay of the second moment (0.999: optax). Default: 0.999.
   */
  readonly beta2?: number;
  /**
   * Added to the root (1e-6: optax). Default: 0.000001.
   */
  readonly epsilon?: number;
  /**
   * lambda: lambda theta is added before the ratio (0: optax). Default: 0.
   */
  readonly weightDecay?: number;
  /**
   * Roles of the parameters that decay; ["kernel", "embedding"] excludes biases and normalization. Default: all.
   */
  readonly decayRoles?: readonly ('kernel' | 'bias' | 'normalization' | 'embedding' | 'other')[];
}

/**
 * Options of `{ use: 'lion' }`. Lion: the sign of a mixture of momentum and gradient, with decoupled weight decay.
 */
export interface LionSpecOptions {
  /**
   * Learning rate, 3 to 10 times smaller than that of AdamW (1e-4: the official code). Default: 0.0001.
   */
  readonly learningRate?: number;
  /**
   * Share of the momentum in the step (0.9: the official code). Default: 0.9.
   */
  readonly beta1?: number;
  /**
   * Decay of the momentum (0.99: the official code). Default: 0.99.
   */
  readonly beta2?: number;
  /**
   * lambda: weights shrink by 1 - learningRate lambda; 3 to 10 times that of AdamW (0: the official code). Default: 0.
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
    readonly lamb: LambSpecOptions;
    readonly lion: LionSpecOptions;
    readonly sgdw: SgdwSpecOptions;
  }
  interface PluginKindById {
    readonly adamw: 'base';
    readonly lamb: 'base';
    readonly lion: 'base';
    readonly sgdw: 'base';
  }
}
