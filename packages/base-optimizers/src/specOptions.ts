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
 * Options of `{ use: 'lamb' }`. LAMB: the direction of Adam, scaled for each tensor to the length of its weights; for large batches.
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
 * Options of `{ use: 'muon' }`. Muon: momentum of matrices, orthogonalized; AdamW for biases, normalization and embeddings.
 */
export interface MuonSpecOptions {
  /**
   * Learning rate of matrices; setting it scales that of adamw in proportion (0.02: the official code). Default: 0.02.
   */
  readonly learningRate?: number;
  /**
   * Decay of the momentum of matrices (0.95: the official code). Default: 0.95.
   */
  readonly momentum?: number;
  /**
   * Nesterov's form of the momentum (true: the official code). Default: true.
   */
  readonly nesterov?: boolean;
  /**
   * Iterations of Newton-Schulz (5: the official code). Default: 5.
   */
  readonly steps?: number;
  /**
   * lambda, for matrices: they shrink by 1 - learningRate lambda (0: the official code). Default: 0.
   */
  readonly weightDecay?: number;
  /**
   * Names of kernels that AdamW takes, * for any characters, such as ["* /head/kernel"] for the output layer. Default: none.
   */
  readonly exclude?: readonly string[];
  /**
   * AdamW of everything else: biases, normalization, embeddings, and what exclude names. Default: {}.
   */
  readonly adamw?: {
    /**
     * Learning rate (3e-4: the official code). Default: 0.0003.
     */
    readonly learningRate?: number;
    /**
     * Decay of the first moment (0.9: the official code). Default: 0.9.
     */
    readonly beta1?: number;
    /**
     * Decay of the second moment (0.95: the official code). Default: 0.95.
     */
    readonly beta2?: number;
    /**
     * Added to the root (1e-10: the official code). Default: 1e-10.
     */
    readonly epsilon?: number;
    /**
     * lambda of the weight decay (0: the official code). Default: 0.
     */
    readonly weightDecay?: number;
  };
  /**
   * Roles of the parameters that decay; ["kernel", "embedding"] excludes biases and normalization. Default: all.
   */
  readonly decayRoles?: readonly ('kernel' | 'bias' | 'normalization' | 'embedding' | 'other')[];
}

/**
 * Options of `{ use: 'schedule-free-adamw' }`. Schedule-free AdamW: evaluates an average of the weights in place of a learning-rate schedule.
 */
export interface ScheduleFreeAdamwSpecOptions {
  /**
   * Learning rate, 1 to 10 times that of AdamW (0.0025: the official code). Default: 0.0025.
   */
  readonly learningRate?: number;
  /**
   * beta: the share of the average where gradients are taken; 0.95 to 0.98 for very long runs (0.9: the official code). Default: 0.9.
   */
  readonly beta1?: number;
  /**
   * Decay of the second moment (0.999: the official code). Default: 0.999.
   */
  readonly beta2?: number;
  /**
   * Added to the root (1e-8: the official code). Default: 1e-8.
   */
  readonly epsilon?: number;
  /**
   * lambda: lambda y is added to the direction (0: the official code). Default: 0.
   */
  readonly weightDecay?: number;
  /**
   * Warm-up: steps over which the learning rate rises linearly to its full value; advised (0: the official code). Default: 0.
   */
  readonly warmupSteps?: number;
  /**
   * Power of the step in the weights of the average (0: the official code). Default: 0.
   */
  readonly r?: number;
  /**
   * Power of the largest learning rate so far in the weights of the average (2: the official code). Default: 2.
   */
  readonly weightLrPower?: number;
  /**
   * Roles of the parameters that decay; ["kernel", "embedding"] excludes biases and normalization. Default: all.
   */
  readonly decayRoles?: readonly ('kernel' | 'bias' | 'normalization' | 'embedding' | 'other')[];
}

/**
 * Options of `{ use: 'schedule-free-sgd' }`. Schedule-free SGD: evaluates an average of the weights in place of a learning-rate schedule.
 */
export interface ScheduleFreeSgdSpecOptions {
  /**
   * Learning rate, 10 to 50 times that of SGD (1: the official code). Default: 1.
   */
  readonly learningRate?: number;
  /**
   * beta: the share of the average where gradients are taken (0.9: the official code). Default: 0.9.
   */
  readonly momentum?: number;
  /**
   * lambda: lambda y is added to the gradient (0: the official code). Default: 0.
   */
  readonly weightDecay?: number;
  /**
   * Warm-up: steps over which the learning rate rises linearly to its full value; advised (0: the official code). Default: 0.
   */
  readonly warmupSteps?: number;
  /**
   * Power of the step in the weights of the average (0: the official code). Default: 0.
   */
  readonly r?: number;
  /**
   * Power of the largest learning rate so far in the weights of the average (2: the official code). Default: 2.
   */
  readonly weightLrPower?: number;
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
   * How much of the last step is kept (0: PyTorch). Default: 0.
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
    readonly muon: MuonSpecOptions;
    readonly 'schedule-free-adamw': ScheduleFreeAdamwSpecOptions;
    readonly 'schedule-free-sgd': ScheduleFreeSgdSpecOptions;
    readonly sgdw: SgdwSpecOptions;
  }
  interface PluginKindById {
    readonly adamw: 'base';
    readonly lamb: 'base';
    readonly lion: 'base';
    readonly muon: 'base';
    readonly 'schedule-free-adamw': 'base';
    readonly 'schedule-free-sgd': 'base';
    readonly sgdw: 'base';
  }
}
