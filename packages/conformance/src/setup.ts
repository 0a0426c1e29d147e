import type { LossFunction, SharpnessAwareOptimizer } from '@flatmin/core';
import type { Plugin } from '@flatmin/core/plugin';
import type * as tf from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import type { VariantCases } from './cases.js';
import type { CheckId } from './finding.js';

/** A plugin that the kit can check: a variant, or a gate around one. */
export type VariantPlugin = Plugin<'variant'> | Plugin<'meta'>;

/** LETS as its plugin, or as the function that wraps an optimizer. */
export type LetsAdapter =
  | Plugin<'meta'>
  | ((
      inner: SharpnessAwareOptimizer,
      options: Partial<LetsSettings> & { readonly validationLoss: LossFunction },
    ) => SharpnessAwareOptimizer);

/** The options of LETS under which the kit differentiates a step. */
export interface LetsSettings {
  readonly curvature: 'exact' | 'secant' | 'diagonal';
  readonly objective: 'validation';
  readonly projection: boolean;
  readonly memory: number;
  readonly parameterization: 'linear';
  readonly upper: { readonly use: 'sgd'; readonly learningRate: number };
  readonly rhoMin: number;
  readonly rhoMax: number;
}

/** The adapter of layers models: `compile` of @flatmin/model-layers, and `attach` for a model that was loaded. */
export interface LayersAdapter {
  compile(model: tfl.LayersModel, args: LayersCompileArgs): unknown;
  attach?(model: tfl.LayersModel): unknown;
}

export interface LayersCompileArgs {
  optimizer: SharpnessAwareOptimizer;
  loss: string;
  metrics: string[];
}

/** A step that runs as a graph. */
export interface GraphStep {
  (...batch: never): tf.Scalar;
  readonly graphs: number;
  dispose(): void;
}

/** `capture` of @flatmin/graph. */
export type GraphAdapter = <B extends readonly tf.Tensor[]>(
  optimizer: SharpnessAwareOptimizer,
  lossOf: (...batch: B) => LossFunction,
  example: B,
  options: { readonly variables?: readonly tf.Variable[]; readonly allowConstants?: boolean },
) => GraphStep;

/** The functions of a test runner that the kit calls; those of jest, vitest and others fit. */
export interface TestRunner {
  readonly describe: (name: string, body: () => void) => void;
  readonly it: ((name: string, body: () => Promise<void>, timeout?: number) => void) & {
    readonly skip: (name: string, body: () => Promise<void>) => void;
  };
}

/** What may be left out, by name: a check, the rho 0 part of C2, or the m-sharpness part of C16. */
export type Exemption = CheckId | 'C2 rho 0' | 'C16 microBatches';

export interface VariantSetup {
  readonly cases: VariantCases;
  /** LETS, for C13 and C18. Absent: both are skipped. */
  readonly lets?: LetsAdapter;
  /** The adapter of layers models, for part of C12 and for C9. Absent: that part of C12 is skipped. */
  readonly layers?: LayersAdapter;
  /** `capture` of @flatmin/graph, for C17. Absent: C17 is skipped. */
  readonly graph?: GraphAdapter;
  /** Other plugins that the cases name: parents, inner variants, bases. */
  readonly plugins?: readonly unknown[];
  /** TF.js backends to run on, each already registered; default: the current one. */
  readonly backends?: readonly string[];
  /** Promises that this variant does not make, each with the reason, which is shown. */
  readonly exempt?: Partial<Readonly<Record<Exemption, string>>>;
  /** Default: the `describe` and `it` of the test file. */
  readonly runner?: TestRunner;
  /** Milliseconds per check, to stop one that hangs; default 600,000. */
  readonly timeout?: number;
}
