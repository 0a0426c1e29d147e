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
   * The offset at which it was taken, if that may differ from the one that was asked for, because `layerScales` or
   * groups scale offsets. For variants that compute with their offset, such as its product with the gradient there.
   */
  readonly offset?: WeightVector;
}

/** Where to evaluate, and what; all members are optional. */
export interface EvaluationPoint {
  /** Added to theta_t; without it, the evaluation is at theta_t itself, which is memoized per loss. */
  readonly offset?: WeightVector;
  /**
   * Also added to theta_t, but not a perturbation by rho: noise, a trial step, the step of a finite difference.
   * `layerScales` and the radii of groups in LETS, which rescale perturbations, leave it unchanged.
   */
  readonly shift?: WeightVector;
  /** Default: the loss of the step. */
  readonly loss?: LossFunction;
  /**
   * Limits the gradient to some parameters (the others get zeros), which saves the backward pass of the others. A
   * function where random numbers choose them, about which `graphKey` says nothing: a replayed step asks it again and
   * skips what it does not choose.
   */
  readonly only?: readonly boolean[] | (() => readonly boolean[]);
  /**
   * A factor for each example, [batch] float32: evaluates mean_i w_i l_i, plus any regularizer, for focal losses or
   * unbalanced classes. Needs `loss.weighted`; never memoized.
   */
  readonly exampleWeights?: tf.Tensor1D;
  /**
   * Also asks for the loss of each example (times its factor, if there are factors): free if the loss has `observed`,
   * otherwise one more forward pass.
   */
  readonly perExample?: boolean;
  /**
   * False leaves the moving statistics of layers unchanged, even the first time that this loss is evaluated: for data
   * held out of training, and for losses that are not the step's own. Default: the first evaluation of a loss at
   * theta_t moves them, once.
   */
  readonly updateStatistics?: boolean;
}

/** Loss and gradient at theta_t + offset. Asking twice for the same loss without an offset is free and uncounted. */
export type Evaluate = (at?: EvaluationPoint) => Evaluation;

/** What is known about a step before any of its tensors. */
export interface StepOutlook<S> {
  /** Updates done before this one. */
  readonly index: number;
  /** When the caller knows it (AE-SAM, RST, schedules). */
  readonly totalSteps?: number;
  /** The base's learning rate as a number, for schedules. */
  readonly learningRateValue: number;
  /** How many tensors the weights are. */
  readonly tensorCount: number;
  /** A function of seed and index: no state of its own. */
  readonly random: RandomStream;
  readonly state: S;
}

/** What a step knows about its base. */
export interface BaseMemory {
  /** Which base it is: `momentum`, `adam`; undefined where there is none. */
  readonly id: string | undefined;
  /** What it remembers about each weight: `slot('momentum')`; undefined if it has nothing of that name. */
  slot(name: string): WeightVector | undefined;
  /** A hyper-parameter: `option('momentum')`. */
  option(name: string): number | undefined;
  /**
   * P, a factor for each weight, if the base moves the weights by -learningRate P gradient, apart from momentum. It
   * belongs to the base's last step, so in `afterUpdate` to this one. Undefined if P is 1 or not known.
   */
  preconditioner(): WeightVector | undefined;
  /**
   * What remains of a small change of the final gradient when it reaches the step of the base: its means over inputs
   * are subtracted (`centralize`), and it is multiplied by the learning rates of the groups. Returns the same tensors
   * if there is neither.
   */
  reaching(change: WeightVector): WeightVector;
}

/**
 * Everything that a variant may know about the step it is asked for: a plain object of own properties, so that metas
 * can spread it.
 */
export interface Step<S> extends StepOutlook<S> {
  /**
   * The index as a tensor, for computing with it: a plain number would become a constant in a replayed step.
   */
  indexScalar(): tf.Scalar;
  /** The same for any number that depends on when the step is taken, such as the value of a schedule. */
  scalarAt(value: (time: ScheduleTime) => number): tf.Scalar;
  /** rho of this step: an argument, never a private field. */
  readonly radius: tf.Scalar;
  /** The current learning rate of the base. */
  readonly learningRate: tf.Scalar;
  readonly base: BaseMemory;
  /** theta_t. */
  readonly weights: WeightVector;
  readonly parameters: readonly ParameterInfo[];
  /** Which part of the batch this is under `microBatches`, otherwise 0: for random draws that parts must not share. */
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
  /** d offset / d rho. It does not depend on rho, except in nested ascents. */
  readonly direction: WeightVector;
  /** The part of the offset that does not depend on rho, such as the -alpha g of SAGM; absent: none. */
  readonly constant?: WeightVector;
  /** The gradient at theta of the same loss as that of `perturbed`. */
  readonly clean: WeightVector;
  readonly perturbed: WeightVector;
  /**
   * The value of `perturbed` at radius 0. Default: `clean`; with a constant part, one more gradient, computed on demand
   * (LETS's secant).
   */
  readonly origin?: WeightVector;
  /** d(final gradient) = factor * H direction d rho; default 1 (WSAM: gamma / (1 - gamma), ...). */
  readonly factor?: number | tf.Scalar;
  /**
   * The value of `perturbed` at another offset, if that is not `step.evaluate({ offset }).gradient`, for example
   * because it uses another loss.
   */
  readonly gradientAt?: (offset: WeightVector) => WeightVector;
}

/** d perturbed / d rho of a point, H direction, as LETS estimates it. */
export type PointDerivative = (point: AscentPoint) => WeightVector;

/**
 * How the step used rho: what LETS differentiates. Absent on steps that do not use rho. It has to describe the whole
 * dependence of the final gradient on rho: through one point, through the sum over it and `others`, or as given by
 * `derivative`.
 */
export interface Ascent extends AscentPoint {
  /** Further points, if the final gradient is a sum over several. */
  readonly others?: readonly AscentPoint[];
  /**
   * d(final gradient) / d rho itself, if it is not a sum over points: `along(point)` gives the derivative of a point's
   * gradient, and the chain rule gives the rest (GSAM's projection, nested ascents). Called on demand; `factor` and
   * `others` are then ignored.
   */
  readonly derivative?: (along: PointDerivative) => WeightVector;
}

/**
 * What a variant reports about its step, by name: a scalar on the backend, which is read only on demand, or a value
 * that is already known.
 */
export type VariantMetrics = Readonly<Record<string, tf.Scalar | number | string>>;

export interface StepOutcome<S> {
  /** Clean loss at theta_t (a variant that cannot give it, such as MSAM without `cleanLoss`, documents this). */
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
  /** How rho enters the offset. LETS refuses 'none' when it is created. */
  readonly radius: 'linear' | 'first-order' | 'none';
  /**
   * Which of LETS's `curvature` estimates of H d are valid for its gradients; LETS refuses any other. Default: all.
   */
  readonly curvatures?: readonly string[];
  initialState(weights: WeightVector): S;
  estimate(step: Step<S>): StepOutcome<S>;
  /**
   * Names the branch that a step takes, as the key of its captured graph: steps with the same key and states of the
   * same shape run the same operations on other tensors, and change each integer of the state by the same amount. The
   * key must reflect everything that JavaScript decides by index, random numbers or integers of the state; what a step
   * decides by a value that it reads back (one of few) is left out. Null for a step that cannot be replayed as a graph.
   * A variant without this method is never captured; most return `'step'`.
   */
  graphKey?(outlook: StepOutlook<S>): string | null;
  /** Called once the base has moved the weights; may evaluate at theta_{t+1}. LETS's upper level. */
  afterUpdate?(after: AfterUpdate<S>): { readonly state: S; readonly metrics?: VariantMetrics };
  /**
   * Merges the states that the parts of a batch left (`microBatches`) into one. Default: their mean, which is right for
   * what is linear in gradients, such as moving averages. Shares sum to one; they are scalar tensors if the loss is a
   * mean over something that depends on the data, such as tokens.
   */
  mergeStates?(states: readonly S[], shares: readonly (number | tf.Scalar)[]): S;
  /** Present if the variant keeps the radius in its state (LETS): how `optimizer.radius` reads and sets it. */
  readonly learnedRadius?: {
    /** rho before the first step. */
    readonly initial: number;
    /** The range of values that rho can be set to. */
    readonly min: number;
    readonly max: number;
    read(state: S): tf.Scalar;
    write(state: S, radius: tf.Scalar): S;
  };
  /**
   * Gives the held-out loss to a variant that was created without one, such as a loaded LETS. Present only if the
   * variant takes one: for other variants no held-out data is loaded (`optimizer.takesValidationLoss`).
   */
  attach?(context: { readonly validationLoss?: LossFunction }): void;
}
