// Written by `npm run options` from the schemas of the plugins: do not edit.
export type {} from '@flatmin/core';
import type { Ramp } from '@flatmin/core/plugin';

/**
 * Options of `{ use: 'lets' }`. LETS: learns the perturbation radius of the variant it wraps, by bilevel optimization on held-out data.
 */
export interface LetsSpecOptions {
  /**
   * warm and robust are ours, with and without a start of the base alone; paper is the published form. Default warm, or paper where curvature, trainingBatch or the gap is given. Single options override it.
   */
  readonly preset?: 'warm' | 'robust' | 'paper';
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
   * Removes from H d its component along the step: true in preset robust only.
   */
  readonly projection?: boolean;
  /**
   * Decay of d theta / d rho over steps: 0 (paper), 0.99 (robust).
   */
  readonly memory?: number;
  /**
   * d theta / d rho through the base's own step of each weight, where it has one (Adam), in place of its rate.
   */
  readonly preconditioned?: boolean;
  /**
   * A radius for each role (kernel, bias, ...) or each layer, instead of one for all.
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
   * The upper level runs on steps whose index is a multiple of it. Default 1.
   */
  readonly every?: number;
  /**
   * No upper level before this step. Default 0.
   */
  readonly warmup?: number;
  /**
   * The base alone at first, rho at rest: for this share of the run where below 1, else for so many steps.
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
