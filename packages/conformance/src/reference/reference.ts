import type { Spec } from '@flatmin/core';
import type { ParameterRole } from '@flatmin/core/plugin';
import type { ReferenceName } from './referenceNames.js';

export interface ReferenceBatch {
  readonly x: readonly (readonly number[])[];
  /** Class of each row. */
  readonly y: readonly number[];
}

/** A tanh multi-layer perceptron with softmax cross-entropy, its first weights and its data; all exact in float32. */
export interface ReferenceProblem {
  readonly layers: readonly number[];
  readonly activation: 'tanh';
  readonly parameters: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly values: readonly number[];
  }[];
  readonly batches: readonly ReferenceBatch[];
  /** Step t of LETS validates on batch t mod n of these. */
  readonly validationBatches?: readonly ReferenceBatch[];
}

/** What was recorded of one step; what a file does not record is absent. */
export interface ReferenceStep {
  /** The clean loss at theta_t. */
  readonly loss: number;
  /** The weights after the update, flat and row-major, one list per parameter. */
  readonly parameters: readonly (readonly number[])[];
  readonly gradientEvaluations?: number;
  /** Null on steps that do not perturb. */
  readonly radius?: number | null;
  readonly perturbationNorm?: number | null;
  readonly branch?: string;
  /** LE-SAM: whether its cap bound. */
  readonly capped?: boolean;
  readonly radiusAfter?: number;
  readonly gap?: number;
  readonly validationLoss?: number;
  readonly hypergradient?: number;
  readonly squaredNorm?: number;
  readonly threshold?: number;
  readonly perturbedLoss?: number;
  /** The size of the step, SAM-SPS. */
  readonly stepSize?: number;
  /** Which direction between the offset and the gradient there, XSAM; and what the search for it cost. */
  readonly alpha?: number;
  readonly forwardEvaluations?: number;
  /** The weights to evaluate with after the step: of a schedule-free base, and of an average, null before its first. */
  readonly evaluationParameters?: readonly (readonly number[])[];
  readonly averageParameters?: readonly (readonly number[])[] | null;
}

export interface ReferenceTolerance {
  /** Relative norm over all parameters, per step. */
  readonly parameters: number;
  /** Absolute. */
  readonly loss: number;
  /** Relative. */
  readonly radius?: number;
  /** Relative to the largest of the run. */
  readonly hypergradient?: number;
}

/** One run of an optimizer in float64, by a paper's own code (`official`) or from its formula. */
export interface Reference {
  readonly schema: 1;
  readonly name: string;
  readonly optimizer: Spec;
  readonly source: {
    readonly kind: 'official' | 'formula';
    readonly repository: string | null;
    readonly commit?: string | null;
    readonly path?: string | null;
    readonly notes?: string;
  };
  /** Roles of parameters by their names, where a name does not say it (SAM-ON): of an optimizer's context. */
  readonly roles?: Readonly<Record<string, ParameterRole>>;
  readonly problem: ReferenceProblem;
  readonly steps: readonly ReferenceStep[];
  /** The base's learning rate, set before each step. */
  readonly learningRates?: readonly number[];
  readonly recommendedFloat32Tolerance: ReferenceTolerance;
  /** How far plausible mistakes land, relative; hundreds of times the tolerance. */
  readonly discrimination?: Readonly<Record<string, number>>;
  /** How far the nearest decision (a sign, a mask, a search) was from a tie. */
  readonly minimumMargin?: number;
}

/**
 * A reference trajectory of this package.
 *
 * @example
 * ```ts
 * const reference = await loadReference('sam-sgd');
 * console.log(reference.source.repository, reference.optimizer);
 * ```
 */
export async function loadReference(name: ReferenceName): Promise<Reference> {
  return (await importGolden(name)) as Reference;
}

/**
 * A file of `golden`. It is imported through the package's own `imports` map: that works from the sources, from `dist`,
 * in Node, in a bundler, and where a test runner turns modules into CommonJS and no file knows its place.
 */
export async function importGolden(name: string): Promise<unknown> {
  const module = (await import(`#golden/${name}`, { with: { type: 'json' } })) as { readonly default?: unknown };
  return module.default ?? module;
}
