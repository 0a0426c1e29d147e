import type * as tf from '@tensorflow/tfjs-core';
import type { LossFunction } from '../loss/loss.js';
import type { ParameterInfo } from './parameters.js';
import type { RandomStream } from '../tensors/random.js';
import type { ScheduleTime } from './schedule.js';
import type { WeightVector } from '../tensors/weightVector.js';

export interface Evaluation {
  readonly loss: tf.Scalar;
  readonly gradient: WeightVector;
  /** The loss of each example, where it was asked for. */
  readonly perExample?: tf.Tensor1D;
  /**
   * The offset that it was taken at, where that may be another than was asked for: what scales offsets (`layerScales`,
   * groups of LETS) says so. For variants that compute with their offset, as a product with the gradient there.
   */
  readonly offset?: WeightVector;
}

/** Where and of what to evaluate; all optional. */
export interface EvaluationPoint {
  /** Added to theta_t; none is theta_t itself, which is memoized per loss. */
  readonly offset?: WeightVector;
  /**
   * Added to theta_t too, and no perturbation by rho: noise, the place of a trial step, the step of a difference. What
   * spreads a perturbation over the weights, as `layerScales` and the radii of groups in LETS, leaves it as it is.
   */
  readonly shift?: WeightVector;
  /** Default: the loss of the step. */
  readonly loss?: LossFunction;
  /** Limits the gradient to some parameters (the others' are zeros), and saves their backward pass. */
  readonly only?: readonly boolean[];
  /**
   * A factor for each example of the loss, [batch] float32: the evaluation is that of mean_i w_i l_i, plus any
   * regularizer, as focal forms and classes of unequal sizes ask for. Needs `loss.weighted`; never memoized.
   */
  readonly exampleWeights?: tf.Tensor1D;
  /**
   * Asks for the loss of each example too (each times its factor, where there are some): free where the loss has
   * `observed`, else one forward pass more.
   */
  readonly perExample?: boolean;
  /**
   * False leaves the moving statistics of layers alone, also the first time that this loss is evaluated: for data held
   * out of training, and for losses that are not the step's own. Default: the first evaluation of a loss at theta_t
   * moves them, once.
   */
  readonly updateStatistics?: boolean;
}

/** Loss and gradient at theta_t + offset. Asking twice for the same loss without an offset is free and uncounted. */
export type Evaluate = (at?: EvaluationPoint) => Evaluation;

/** What of a step is known before any of its tensors. */
export interface StepOutlook<S> {
  /** Updates done before this one. */
  readonly index: number;
  /** When the caller knows it (AE-SAM, RST, schedules). */
  readonly totalSteps?: number;
  /** The base's learning rate as a number, for schedules. */
  readonly learningRateValue: number;
  /** A function of seed and index: no state of its own. */
  readonly random: RandomStream;
  readonly state: S;
}

/** What a step knows of its base. */
export interface BaseMemory {
  /** Which base it is: `momentum`, `adam`; undefined where there is none. */
  readonly id: string | undefined;
  /** What it remembers of each weight: `slot('momentum')`; undefined where it has none of that name. */
  slot(name: string): WeightVector | undefined;
  /** A hyper-parameter: `option('momentum')`. */
  option(name: string): number | undefined;
  /**
   * P, a factor for each weight, where the base moves the weights by -learningRate P gradient but for momentum; of its
   * last step, so after the base has stepped (`afterUpdate`) of this one. Undefined where P is 1 or not known.
   */
  preconditioner(): WeightVector | undefined;
  /**
   * What of a small change of the final gradient reaches the step of the base: less its means over inputs
   * (`centralize`), times the learning rates of its groups. The same tensors where there is neither.
   */
  reaching(change: WeightVector): WeightVector;
}

/**
 * All that a variant may know about the step it is asked for: a plain object of own properties, so that metas spread
 * it.
 */
export interface Step<S> extends StepOutlook<S> {
  /**
   * The index as a tensor, for what a step computes from it: as a number it would be a constant of a step that is
   * replayed.
   */
  indexScalar(): tf.Scalar;
  /** The same of any number that follows from when the step is taken, such as the value of a schedule. */
  scalarAt(value: (time: ScheduleTime) => number): tf.Scalar;
  /** rho of this step: an argument, never a private field. */
  readonly radius: tf.Scalar;
  /** The base's, now. */
  readonly learningRate: tf.Scalar;
  readonly base: BaseMemory;
  /** theta_t. */
  readonly weights: WeightVector;
  readonly parameters: readonly ParameterInfo[];
  /** Which part of the batch this is under `microBatches`, else 0: for draws that parts must not share. */
  readonly part: number;
  readonly loss: LossFunction;
  readonly evaluate: Evaluate;
  /** Losses only, [batch]: no gradient evaluation. Needs `loss.perExample`; the loss is that of the step by default. */
  readonly evaluatePerExample: (at?: Pick<EvaluationPoint, 'offset' | 'loss'>) => tf.Tensor1D;
  /**
   * d loss / d outputs at theta_t, [batch, ...]: a forward pass, no gradient evaluation. Needs `loss.throughOutputs`.
   */
  readonly evaluateOutputGradient: (at?: Pick<EvaluationPoint, 'loss'>) => tf.Tensor;
}

/**
 * One place where a gradient of the step was taken, and how it moves with rho: at theta + constant + radius *
 * direction.
 */
export interface AscentPoint {
  /** d offset / d rho. Free of rho in all but nested ascents. */
  readonly direction: WeightVector;
  /** What of the offset does not depend on rho, as the -alpha g of SAGM; absent: nothing. */
  readonly constant?: WeightVector;
  /** The gradient at theta, of the loss that `perturbed` is of. */
  readonly clean: WeightVector;
  readonly perturbed: WeightVector;
  /**
   * What `perturbed` is at radius 0; default: `clean`, and with a constant part one gradient more, for who asks (LETS's
   * secant).
   */
  readonly origin?: WeightVector;
  /** d(final gradient) = factor * H direction d rho; default 1 (WSAM: gamma / (1 - gamma), ...). */
  readonly factor?: number | tf.Scalar;
  /**
   * What `perturbed` is at another offset, where that is not `step.evaluate({ offset }).gradient`: of another loss, for
   * instance.
   */
  readonly gradientAt?: (offset: WeightVector) => WeightVector;
}

/** d perturbed / d rho of a point, H direction, as LETS estimates it. */
export type PointDerivative = (point: AscentPoint) => WeightVector;

/**
 * How the step used rho: what LETS differentiates. Absent on steps that do not use it. It has to hold the whole
 * dependence of the final gradient on rho: that of one point, the sum over it and `others`, or what `derivative` says.
 */
export interface Ascent extends AscentPoint {
  /** Further points, where the final gradient is a sum over several. */
  readonly others?: readonly AscentPoint[];
  /**
   * d(final gradient) / d rho outright, where it is not a sum over points: `along(point)` gives that of a point's
   * gradient, and the chain rule the rest (GSAM's projection, nested ascents). Called when somebody asks; `factor` and
   * `others` then say nothing.
   */
  readonly derivative?: (along: PointDerivative) => WeightVector;
}

/**
 * What a variant says of its step, by name: a scalar on the backend, which nothing reads until somebody asks, or what
 * is known already.
 */
export type VariantMetrics = Readonly<Record<string, tf.Scalar | number | string>>;

export interface StepOutcome<S> {
  /** Clean loss at theta_t (documented where a variant cannot have it, as MSAM). */
  readonly loss: tf.Scalar;
  /** What the base gets; absent: the base does not step (bSAM). */
  readonly gradient?: WeightVector;
  /** Added to the weights after the base step (bSAM, decoupled WSAM). */
  readonly update?: WeightVector;
  readonly state: S;
  readonly ascent?: Ascent;
  /** What `estimate` hands to its own `afterUpdate`; freed with the step. */
  readonly carry?: unknown;
  /** For `lastStep`: perturbationNorm, branch, capped, ... */
  readonly metrics?: VariantMetrics;
}

/** What `afterUpdate` gets once the base has moved the weights. */
export interface AfterUpdate<S> {
  readonly step: Step<S>;
  readonly outcome: StepOutcome<S>;
  /** theta_{t+1}. */
  readonly weights: WeightVector;
  /** The state that `estimate` returned. */
  readonly state: S;
  /** At theta_{t+1} + offset; moves no statistics. */
  readonly evaluate: Evaluate;
}

/**
 * An algorithm of the SAM family: one pure method over an explicit state. State is a tree of tensors, arrays, records
 * and integers (reals are tensors); the same tensor may stand in old and new state, gradient and ascent.
 */
export interface SharpnessVariant<S> {
  readonly id: string;
  /** How rho enters the offset: LETS refuses 'none' when it is built. */
  readonly radius: 'linear' | 'first-order' | 'none';
  /**
   * Which estimates of H d hold for its gradients, of LETS's `curvature`, which is refused where it is not one of them;
   * default: all.
   */
  readonly curvatures?: readonly string[];
  initialState(weights: WeightVector): S;
  estimate(step: Step<S>): StepOutcome<S>;
  /**
   * Which way a step goes, as the key of its captured graph: steps of one key and of states of one shape run the same
   * operations on other tensors, and change each integer of the state by as much. Says all that JavaScript decides by
   * index, random numbers or integers of the state; what a step decides by a value that it reads back (one of few) is
   * left out. Null for a step that cannot be replayed as a graph. A variant without it is never captured: most say
   * `graphKey: () => 'step'`.
   */
  graphKey?(outlook: StepOutlook<S>): string | null;
  /** Once the base has moved the weights; may evaluate at theta_{t+1}. LETS's upper level. */
  afterUpdate?(after: AfterUpdate<S>): { readonly state: S; readonly metrics?: VariantMetrics };
  /**
   * One state from those that the parts of a batch left (`microBatches`). Default: their mean, which is right for what
   * is linear in gradients, such as moving averages. Shares sum to one, and are scalars where the loss is a mean over
   * what depends on the data, as tokens.
   */
  mergeStates?(states: readonly S[], shares: readonly (number | tf.Scalar)[]): S;
  /** Present where the variant keeps the radius in its state (LETS): how `optimizer.radius` reads and sets it. */
  readonly learnedRadius?: {
    /** rho before the first step. */
    readonly initial: number;
    /** What rho can be set to. */
    readonly min: number;
    readonly max: number;
    read(state: S): tf.Scalar;
    write(state: S, radius: tf.Scalar): S;
  };
  /**
   * Gives the held-out loss to a variant built without one, as a loaded LETS. Present only where the variant takes one:
   * held-out data is not loaded for others (`optimizer.takesValidationLoss`).
   */
  attach?(context: { readonly validationLoss?: LossFunction }): void;
}
