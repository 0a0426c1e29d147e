import * as tf from '@tensorflow/tfjs-core';
import type { BaseOptimizer, EndedStep } from '../base/contract.js';
import { FlatminError, isFlatminError } from '../errors/errors.js';
import type { Evaluator } from './evaluator.js';
import { runPlugin } from '../errors/faults.js';
import { PackedMetrics } from './stepMetrics.js';
import type { LossFunction } from '../loss/loss.js';
import type { ParameterInfo } from '../variant/parameters.js';
import { LiveStream } from '../tensors/random.js';
import { finalGradient, reaching } from './finalGradient.js';
import type { OptimizerSetup } from './setup.js';
import type { ScheduleTime } from '../variant/schedule.js';
import { stepInput } from '../tensors/stepInput.js';
import type { Selection } from './trainedVariables.js';
import type { VariantMetrics, Step, StepOutcome, StepOutlook } from '../variant/variant.js';
import { add, squaredNorm, type WeightVector } from '../tensors/weightVector.js';

/** A step that is computed and not yet taken. */
export interface Estimate {
  readonly step: Step<unknown>;
  readonly outcome: StepOutcome<unknown>;
  readonly evaluator: Evaluator;
  /** What the step trains: less than it was asked for where the loss does not depend on all of it. */
  readonly selection: Selection;
}

export interface Taken {
  readonly state: unknown;
  readonly metrics: VariantMetrics;
  /** What `afterUpdate` threw; the base step stands then. */
  readonly failure?: unknown;
}

/**
 * Where in its run an optimizer is, always as of now: what a step is supplied with comes from here, also when it is
 * replayed.
 */
export interface LivePosition {
  readonly index: number;
  readonly seed: number;
  /** Of the base; NaN where there is none. */
  readonly learningRate: number;
  /** rho by its schedule. */
  readonly scheduledRadius: number;
}

/** What a step is made of, and where it starts. */
interface StepStart {
  readonly setup: OptimizerSetup;
  readonly position: LivePosition;
  readonly state: unknown;
  readonly parameters: readonly ParameterInfo[];
  readonly loss: LossFunction;
  readonly selection: Selection;
}

/** Adds a property that is computed when first read: an own one, so that metas can spread the object. */
function lazily<T extends object, K extends string, V extends tf.Tensor>(
  target: T,
  key: K,
  compute: () => V,
): T & Record<K, V> {
  let value: V | undefined;
  const get = (): V => {
    if (value === undefined || value.isDisposed) value = compute(); // A variant's own tidy may have freed it.
    return value;
  };
  return Object.defineProperty(target, key, { enumerable: true, get }) as T & Record<K, V>;
}

/** A slot with zeros for the variables that the base has not met yet. */
function padded(slot: WeightVector | undefined, weights: WeightVector): WeightVector | undefined {
  return slot && weights.map((weight, i) => slot[i] ?? tf.zerosLike(weight));
}

/** What of a step is known before any of its tensors. */
export function outlookOf(
  setup: OptimizerSetup,
  position: LivePosition,
  state: unknown,
  tensorCount: number,
): StepOutlook<unknown> {
  const { randomSource, totalSteps } = setup;
  return {
    index: position.index,
    ...(totalSteps === undefined ? {} : { totalSteps }),
    learningRateValue: position.learningRate,
    tensorCount,
    random: new LiveStream(() => randomSource.stream(position.seed).at(position.index)),
    state,
  };
}

const inputScalar = (value: () => number): tf.Scalar => stepInput(() => [tf.scalar(value())])[0];

/** Makes scalars of numbers of the time, which a replayed step asks for again. */
export const scalarsAt =
  ({ totalSteps }: Pick<OptimizerSetup, 'totalSteps'>, position: Pick<LivePosition, 'index' | 'learningRate'>) =>
  (value: (time: ScheduleTime) => number): tf.Scalar =>
    inputScalar(() => value({ index: position.index, totalSteps, learningRate: position.learningRate }));

function buildStep(start: StepStart, evaluator: Evaluator): Step<unknown> {
  const { setup, position, loss, parameters, state } = start;
  const { base } = setup;
  const scalarAt = scalarsAt(setup, position);
  const step = {
    ...outlookOf(setup, position, state, evaluator.weights.length),
    indexScalar: () => scalarAt(({ index }) => index),
    scalarAt,
    base: {
      id: base?.id,
      slot: (name: string) => padded(base?.slot(name), evaluator.weights),
      option: (name: string) => base?.option(name),
      preconditioner: () => base?.preconditioner?.(),
      reaching: (change: WeightVector) => reaching(change, setup, parameters),
    },
    weights: evaluator.weights,
    parameters,
    part: 0,
    loss,
    evaluate: evaluator.evaluate,
    evaluatePerExample: evaluator.evaluatePerExample,
    evaluateOutputGradient: evaluator.evaluateOutputGradient,
  };
  return lazily(
    lazily(step, 'radius', () => inputScalar(() => position.scheduledRadius)),
    'learningRate',
    () => inputScalar(() => position.learningRate),
  );
}

/** Asks the variant for the step. Call it in a `tidy`; a throw leaves the weights as before. */
export function estimate(start: StepStart, evaluator: Evaluator): Estimate {
  const { setup, selection } = start;
  const step = buildStep(start, evaluator);
  const raw = setup.variant.estimate(step);
  const { active } = evaluator;
  // The norm is that of what the step trains.
  const own = raw.gradient && (setup.clipNorm === undefined ? raw.gradient : ofActive(raw.gradient, active));
  const gradient = own && finalGradient(own, setup, start.parameters);
  const outcome = gradient === undefined ? raw : { ...raw, gradient };
  if (setup.guard) refuseNonFinite(outcome, start.position.index);
  return { step, outcome, evaluator, selection: { ...selection, active } };
}

/** The gradient of what the step trains; the others' are zeros, also where a variant averages those of former steps. */
function ofActive(gradient: WeightVector, active: readonly boolean[]): WeightVector {
  return gradient.map((tensor, i) => (active[i] === true ? tensor : tf.zerosLike(tensor)));
}

function refuseNonFinite({ loss, gradient, update }: StepOutcome<unknown>, index: number): void {
  const metrics = [...(gradient ?? []), ...(update ?? [])];
  const total = metrics.length === 0 ? loss : tf.add(loss, squaredNorm(metrics));
  if (tf.isFinite(total).dataSync()[0] === 1) return; // One of two answers, each of which a replayed step can follow.
  const value = loss.dataSync()[0];
  const what = Number.isFinite(value) ? `the gradient is not finite (loss ${value})` : `the loss is ${value}`;
  throw new FlatminError(
    'NON_FINITE',
    `step ${index}: ${what}. Nothing was changed. Lower the learning rate or rho, set clipNorm, or look at this batch.`,
  );
}

/** Runs what moves weights; where it throws they are as before. */
export function orPutBack(variables: readonly tf.Variable[], before: WeightVector, move: () => void): void {
  try {
    move();
  } catch (error) {
    variables.forEach((variable, i) => variable.assign(before[i] as tf.Tensor));
    throw error;
  }
}

interface BaseStep {
  readonly variables: readonly tf.Variable[];
  readonly gradients: readonly (tf.Tensor | undefined)[];
  readonly parameters: readonly ParameterInfo[];
  readonly index: number;
}

/** The step of the base. It is given what was checked, so what it throws is its own fault. */
export function stepOfBase(base: BaseOptimizer, { variables, gradients, parameters, index }: BaseStep): void {
  const left = 'The weights are unchanged; what the base remembers of them may have changed.';
  runPlugin(`the base ${base.id}`, `in step ${index}`, () => base.apply(variables, gradients, parameters), left);
}

/** Tells the base that all has moved. */
export function endStepOfBase(base: BaseOptimizer, step: EndedStep): void {
  const left = 'The weights are unchanged; what the base remembers of them may have changed.';
  runPlugin(`the base ${base.id}`, `after step ${step.index}`, () => base.afterStep?.(step), left);
}

/** Refuses a variant that moves weights beside a base which has to move them alone. */
function refuseAdded({ update }: StepOutcome<unknown>, { base, variant }: OptimizerSetup): void {
  if (update === undefined || base?.movesAlone !== true) return;
  throw new FlatminError(
    'BASE_UNSUITABLE',
    `${variant.id} adds to the step of its base, and ${base.id} averages the weights over its own steps alone. Nothing was changed. ` +
      'Use another base, such as momentum, or a form of the variant that hands all of the gradient to it.',
  );
}

/**
 * Takes the step: base, update, `afterUpdate`. Call it in a `tidy`. A throw before `afterUpdate` leaves the weights as
 * before.
 */
export function commit(
  { step, outcome, evaluator, selection }: Estimate,
  setup: OptimizerSetup,
  gradient: readonly (tf.Tensor | undefined)[] | undefined = outcome.gradient,
): Taken {
  const { variables, active } = selection;
  refuseAdded(outcome, setup);
  orPutBack(variables, evaluator.weights, () => {
    if (gradient !== undefined && setup.base !== undefined) {
      const wanted = gradient.map((tensor, i) => (active[i] ? tensor : undefined));
      stepOfBase(setup.base, { variables, gradients: wanted, parameters: step.parameters, index: step.index });
    }
    if (outcome.update !== undefined) {
      const moved = add(variables, outcome.update);
      variables.forEach((variable, i) => active[i] && variable.assign(moved[i] as tf.Tensor));
    }
    if (setup.base !== undefined) {
      const { index } = step;
      const scalarAt: EndedStep['scalarAt'] = (value) => step.scalarAt(value);
      endStepOfBase(setup.base, { variables, before: evaluator.weights, active, index, scalarAt });
    }
  });
  const metrics = outcome.metrics ?? {};
  if (setup.variant.afterUpdate === undefined) return { state: outcome.state, metrics };
  try {
    const after = setup.variant.afterUpdate({ step, outcome, state: outcome.state, ...evaluator.after() });
    return { state: after.state, metrics: { ...metrics, ...after.metrics } };
  } catch (failure) {
    return { state: outcome.state, metrics, failure };
  }
}

/** The metrics of a step for `lastStep`. */
export function metricsOf({ step, outcome, evaluator }: Estimate, metrics: VariantMetrics): PackedMetrics {
  return PackedMetrics.of({
    loss: outcome.loss,
    radius: outcome.ascent === undefined ? null : step.radius,
    perturbationNorm: null,
    ...metrics,
    gradientEvaluations: evaluator.gradientEvaluations,
  });
}

/** What something thrown says. */
export const messageOf = (failure: unknown): string => (failure instanceof Error ? failure.message : String(failure));

/** The error of a step whose `afterUpdate` threw. */
export function afterUpdateError(index: number, failure: unknown): FlatminError {
  return new FlatminError(
    'SETTLE_FAILED',
    `step ${index}: ${messageOf(failure)} This was thrown after the base had stepped: the weights are those of the next ` +
      'step, and radius and state are those before it was thrown.',
    { cause: isFlatminError(failure) && failure.cause !== undefined ? failure.cause : failure },
  );
}

/**
 * The error of a step that was only tried, whose `afterUpdate` threw: everything is put back. What is flatmin's own
 * says enough itself.
 */
export function trialError(index: number, failure: unknown): unknown {
  if (isFlatminError(failure)) return failure;
  return new FlatminError(
    'SETTLE_FAILED',
    `step ${index}: ${messageOf(failure)} This was thrown while the step was only tried: nothing has changed.`,
    { cause: failure },
  );
}
