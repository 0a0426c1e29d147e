// Written by `npm run options` from the schemas of the plugins: do not edit.
export type {} from '@flatmin/core';
import type { Ramp } from '@flatmin/core/plugin';

/**
 * Options of `{ use: 'lets' }`. LETS: learns the perturbation radius of the variant it wraps, by bilevel optimization on held-out data.
 */
export interface LetsSpecOptions {
  /**
   * warm and robust are ours; warm begins with steps of the base alone. paper is the published form. Default: warm, or paper if curvature, trainingBatch or the gap is given. Single options override the preset.
   */
  readonly preset?: 'warm' | 'robust' | 'paper';
  /**
   * gap (paper): 1/2 (L_vl - L_tr)^2; validation (warm, robust): L_vl.
   */
  readonly objective?: 'gap' | 'validation';
  /**
   * Training batch of the gap: the one just trained on, or the next step's. Default same.
   */
  readonly trainingBatch?: 'same' | 'next';
  /**
   * How H d is estimated: diagonal (paper), secant (warm, robust; free), exact (two more gradients).
   */
  readonly curvature?: 'diagonal' | 'secant' | 'exact';
  /**
   * Removes from H d its component along the step. True only in preset robust.
   */
  readonly projection?: boolean;
  /**
   * Decay of d theta / d rho over steps: 0 (paper), 0.99 (warm, robust).
   */
  readonly memory?: number;
  /**
   * Computes d theta / d rho with the base's own scaling of each weight, if it has one (Adam), instead of its learning rate alone.
   */
  readonly preconditioned?: boolean;
  /**
   * A separate radius for each role (kernel, bias, ...) or each layer, instead of one for all.
   */
  readonly groups?: 'role' | 'layer';
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
     * Its step size, or a schedule of it; ours: 0.02 every step, 0.05 every fourth. Default: 0.02.
     */
    readonly learningRate?: Ramp;
    /**
     * Decay of Adam's first moment. Default: 0.9.
     */
    readonly beta1?: number;
    /**
     * Decay of Adam's second moment. Default: 0.999.
     */
    readonly beta2?: number;
    /**
     * Added to each step: a preference for the smaller radius, in units of the step; 0.05 in warm (ours). Default: 0.
     */
    readonly shrink?: number;
    /**
     * Added to the root of Adam's second moment. Default: 1e-12.
     */
    readonly epsilon?: number;
  };
  /**
   * The upper level runs on steps whose index is a multiple of this. Default 1.
   */
  readonly every?: number;
  /**
   * No upper level before this step. Default 0.
   */
  readonly warmup?: number;
  /**
   * How long the base trains alone at first, with rho constant: below 1 a share of the run, otherwise a number of steps.
   */
  readonly warmStart?: number;
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
