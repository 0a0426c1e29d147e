// Written by `npm run options` from the schemas of the plugins: do not edit.
export type {} from '@flatmin/core';

/**
 * Options of `{ use: 'lets' }`. LETS: learns the perturbation radius of the variant it wraps, by bilevel optimization on held-out data.
 */
export interface LetsSpecOptions {
  /**
   * The paper's form, or ours, which recovers from a bad start; single options override it. Default: "paper".
   */
  readonly preset?: 'paper' | 'robust';
  /**
   * gap (paper): 1/2 (L_vl - L_tr)^2; validation (robust): L_vl.
   */
  readonly objective?: 'gap' | 'validation';
  /**
   * Training batch of the gap: the one just trained on, or the next step's. Default same.
   */
  readonly trainingBatch?: 'same' | 'next';
  /**
   * H d: diagonal (paper), secant (robust; free), exact (two more gradients).
   */
  readonly curvature?: 'diagonal' | 'secant' | 'exact';
  /**
   * Removes from H d its component along the step: false (paper), true (robust).
   */
  readonly projection?: boolean;
  /**
   * Decay of d theta / d rho over steps: 0 (paper), 0.99 (robust).
   */
  readonly memory?: number;
  /**
   * Scales the step to the length of the clean gradient. Default false.
   */
  readonly normMatch?: boolean;
  /**
   * What the upper optimizer moves: log rho (default) or rho.
   */
  readonly parameterization?: 'log' | 'linear';
  /**
   * How rho moves; default: Adam at 0.02 (ours; we do not know the paper's).
   */
  readonly upper?: {
    /**
     * The optimizer of rho. Default: "adam".
     */
    readonly use?: 'sgd' | 'adam';
    /**
     * Its step size; ours: 0.02 every step, 0.05 every fourth. Default: 0.02.
     */
    readonly learningRate?: number;
    /**
     * Decay of Adam's first moment. Default: 0.9.
     */
    readonly beta1?: number;
    /**
     * Decay of Adam's second moment. Default: 0.999.
     */
    readonly beta2?: number;
    /**
     * Added to the root of Adam's second moment. Default: 1e-12.
     */
    readonly epsilon?: number;
  };
  /**
   * The upper level runs on steps whose index is a multiple of it. Default 1.
   */
  readonly every?: number;
  /**
   * No upper level before this step. Default 0.
   */
  readonly warmup?: number;
  /**
   * Smallest rho. Default 1e-3 (ours).
   */
  readonly rhoMin?: number;
  /**
   * Largest rho. Default 2 (ours).
   */
  readonly rhoMax?: number;
}

declare module '@flatmin/core' {
  interface PluginOptions {
    readonly lets: LetsSpecOptions;
  }
  interface PluginKindById {
    readonly lets: 'meta';
  }
}
