// Written by `npm run options` from the schemas of the plugins: do not edit.

/**
 * Options of `{ use: 'sgd' }`. Stochastic gradient descent.
 */
export interface SgdSpecOptions {
  /**
   * Learning rate.
   */
  readonly learningRate: number;
}

/**
 * Options of `{ use: 'momentum' }`. Gradient descent with momentum.
 */
export interface MomentumSpecOptions {
  /**
   * Learning rate.
   */
  readonly learningRate: number;
  /**
   * How much of the last step remains.
   */
  readonly momentum: number;
  /**
   * Nesterov's form. Default: false.
   */
  readonly useNesterov?: boolean;
}

/**
 * Options of `{ use: 'adam' }`. Adam.
 */
export interface AdamSpecOptions {
  /**
   * Learning rate. Default: 0.001.
   */
  readonly learningRate?: number;
  /**
   * Decay of the first moment. Default: 0.9.
   */
  readonly beta1?: number;
  /**
   * Decay of the second moment. Default: 0.999.
   */
  readonly beta2?: number;
  /**
   * Added to the square root; default: TF.js's for the backend (1e-7).
   */
  readonly epsilon?: number;
}

/**
 * Options of `{ use: 'adamax' }`. Adamax, Adam with the infinity norm.
 */
export interface AdamaxSpecOptions {
  /**
   * Learning rate. Default: 0.002.
   */
  readonly learningRate?: number;
  /**
   * Decay of the first moment. Default: 0.9.
   */
  readonly beta1?: number;
  /**
   * Decay of the infinity norm. Default: 0.999.
   */
  readonly beta2?: number;
  /**
   * Added to the square root; default: TF.js's for the backend (1e-7).
   */
  readonly epsilon?: number;
  /**
   * The learning rate is divided by 1 + decay * steps. Default: 0.
   */
  readonly decay?: number;
}

/**
 * Options of `{ use: 'adagrad' }`. Adagrad.
 */
export interface AdagradSpecOptions {
  /**
   * Learning rate.
   */
  readonly learningRate: number;
  /**
   * Initial value of the sums of squares. Default: 0.1.
   */
  readonly initialAccumulatorValue?: number;
}

/**
 * Options of `{ use: 'adadelta' }`. Adadelta.
 */
export interface AdadeltaSpecOptions {
  /**
   * Learning rate. Default: 0.001.
   */
  readonly learningRate?: number;
  /**
   * Adadelta's own decay, which is not a perturbation radius. Default: 0.95.
   */
  readonly rho?: number;
  /**
   * Added to the square root; default: TF.js's for the backend (1e-7).
   */
  readonly epsilon?: number;
}

/**
 * Options of `{ use: 'rmsprop' }`. RMSProp.
 */
export interface RmspropSpecOptions {
  /**
   * Learning rate.
   */
  readonly learningRate: number;
  /**
   * Decay of the mean square. Default: 0.9.
   */
  readonly decay?: number;
  /**
   * How much of the last step remains. Default: 0.
   */
  readonly momentum?: number;
  /**
   * Added to the square root; default: TF.js's for the backend (1e-7).
   */
  readonly epsilon?: number;
  /**
   * Divides by the standard deviation instead of the root mean square. Default: false.
   */
  readonly centered?: boolean;
}

declare module '../plugin/pluginOptions.js' {
  interface PluginOptions {
    readonly sgd: SgdSpecOptions;
    readonly momentum: MomentumSpecOptions;
    readonly adam: AdamSpecOptions;
    readonly adamax: AdamaxSpecOptions;
    readonly adagrad: AdagradSpecOptions;
    readonly adadelta: AdadeltaSpecOptions;
    readonly rmsprop: RmspropSpecOptions;
  }
  interface PluginKindById {
    readonly sgd: 'base';
    readonly momentum: 'base';
    readonly adam: 'base';
    readonly adamax: 'base';
    readonly adagrad: 'base';
    readonly adadelta: 'base';
    readonly rmsprop: 'base';
  }
}
