import * as tf from '@tensorflow/tfjs-core';
import type { BaseOptimizer } from '../base/contract.js';
import { FlatminError, isFlatminError } from '../errors/errors.js';
import type { Evaluator } from './evaluator.js';
import { runPlugin } from '../errors/faults.js';
import { StepFigures } from './stepMetrics.js';
import type { LossFunction } from '../loss/loss.js';
import type { ParameterInfo } from '../variant/parameters.js';
import { LiveStream } from '../tensors/random.js';
import type { Recipe } from './setup.js';
import { radiusAt, type RadiusSpec } from '../variant/schedule.js';
import { supplied } from '../tensors/stepInput.js';
import type { Selection } from './trainedVariables.js';
import type { Report, Step, StepOutcome, StepOutlook, WeightVector } from '../variant/variant.js';
import { add, norm, scale, squaredNorm } from '../tensors/weightVector.js';

/** A step that is computed and not yet taken. */
export interface Estimate {
  readonly step: Step<unknown>;
  readonly outcome: StepOutcome<unknown>;
  readonly evaluator: Evaluator;
  /** What the step trains: less than it was asked for where the loss does not depend on all of it. */
  readonly selection: Selection;
}

export interface Settled {
  readonly state: unknown;
  readonly report: Report;
  /** What `settle` threw; the base step stands then. */
  readonly failure?: unknown;
}

/** Where in its run an optimizer is, always as of now: what a step is supplied with comes from here, also when it is replayed. */
export interface LivePosition {
  readonly index: number;
  readonly seed: number;
  readonly radiusSpec: RadiusSpec | undefined;
}

interface StepSetup {
  readonly recipe: Recipe;
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

const learningRateOf = ({ base }: Recipe): number => base?.learningRate ?? Number.NaN;

function radiusNow(recipe: Recipe, { index, radiusSpec }: LivePosition): number {
  const { totalSteps } = recipe;
  return radiusSpec === undefined
    ? 0
    : radiusAt(radiusSpec, { index, totalSteps, learningRate: learningRateOf(recipe) });
}

/** What of a step is known before any of its tensors. */
export function outlookOf(recipe: Recipe, position: LivePosition, state: unknown): StepOutlook<unknown> {
  const { randomSource, totalSteps } = recipe;
  return {
    index: position.index,
    ...(totalSteps === undefined ? {} : { totalSteps }),
    learningRateValue: learningRateOf(recipe),
    random: new LiveStream(() => randomSource.stream(position.seed).at(position.index)),
    state,
  };
}

const suppliedScalar = (value: () => number): tf.Scalar => supplied(() => [tf.scalar(value())])[0];

function buildStep(setup: StepSetup, evaluator: Evaluator): Step<unknown> {
  const { recipe, position, loss, parameters, state } = setup;
  const { base } = recipe;
  const step = {
    ...outlookOf(recipe, position, state),
    indexScalar: () => suppliedScalar(() => position.index),
    base: {
      slot: (name: string) => padded(base?.slot(name), evaluator.weights),
      option: (name: string) => base?.option(name),
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
    lazily(step, 'radius', () => suppliedScalar(() => radiusNow(recipe, position))),
    'learningRate',
    () => suppliedScalar(() => learningRateOf(recipe)),
  );
}

/** Asks the variant for the step. Call it in a `tidy`; a throw leaves the weights as before. */
export function estimate(setup: StepSetup, evaluator: Evaluator): Estimate {
  const { recipe, selection } = setup;
  const step = buildStep(setup, evaluator);
  const raw = recipe.variant.estimate(step);
  const { active } = evaluator;
  const { clipNorm } = recipe;
  const outcome =
    clipNorm === undefined || raw.gradient === undefined
      ? raw
      : { ...raw, gradient: clipped(ofActive(raw.gradient, active), clipNorm) };
  if (recipe.guard) refuseNonFinite(outcome, setup.position.index);
  return { step, outcome, evaluator, selection: { ...selection, active } };
}

/** The gradient of what the step trains; the others' are zeros, also where a variant averages those of former steps. */
function ofActive(gradient: WeightVector, active: readonly boolean[]): WeightVector {
  return gradient.map((tensor, i) => (active[i] === true ? tensor : tf.zerosLike(tensor)));
}

/** The gradient scaled down to the norm `limit` where it is longer (PyTorch's clip_grad_norm_, its 1e-6 included). */
export function clipped(gradient: WeightVector, limit: number): WeightVector {
  return scale(gradient, tf.minimum(1, tf.div(limit, tf.add(norm(gradient), 1e-6))));
}

function refuseNonFinite({ loss, gradient, update }: StepOutcome<unknown>, index: number): void {
  const figures = [...(gradient ?? []), ...(update ?? [])];
  const total = figures.length === 0 ? loss : tf.add(loss, squaredNorm(figures));
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
  const left = 'The weights are as before; what the base remembers of them may not be.';
  runPlugin(`the base ${base.id}`, `in step ${index}`, () => base.apply(variables, gradients, parameters), left);
}

/** Takes the step: base, update, settle. Call it in a `tidy`. A throw before `settle` leaves the weights as before. */
export function commit(
  { step, outcome, evaluator, selection }: Estimate,
  recipe: Recipe,
  gradient: readonly (tf.Tensor | undefined)[] | undefined = outcome.gradient,
): Settled {
  const { variables, active } = selection;
  orPutBack(variables, evaluator.weights, () => {
    if (gradient !== undefined && recipe.base !== undefined) {
      const wanted = gradient.map((tensor, i) => (active[i] ? tensor : undefined));
      stepOfBase(recipe.base, { variables, gradients: wanted, parameters: step.parameters, index: step.index });
    }
    if (outcome.update !== undefined) {
      const moved = add(variables, outcome.update);
      variables.forEach((variable, i) => active[i] && variable.assign(moved[i] as tf.Tensor));
    }
  });
  const report = outcome.report ?? {};
  if (recipe.variant.settle === undefined) return { state: outcome.state, report };
  try {
    const settled = recipe.variant.settle({ step, outcome, state: outcome.state, ...evaluator.after() });
    return { state: settled.state, report: { ...report, ...settled.report } };
  } catch (failure) {
    return { state: outcome.state, report, failure };
  }
}

/** The figures of a step for `lastStep`. */
export function figuresOf({ step, outcome, evaluator }: Estimate, report: Report): StepFigures {
  return StepFigures.of({
    loss: outcome.loss,
    radius: outcome.ascent === undefined ? null : step.radius,
    perturbationNorm: null,
    ...report,
    gradientEvaluations: evaluator.gradientEvaluations,
  });
}

/** What something thrown says. */
export const messageOf = (failure: unknown): string => (failure instanceof Error ? failure.message : String(failure));

/** The error of a step whose `settle` threw. */
export function settleError(index: number, failure: unknown): FlatminError {
  return new FlatminError(
    'SETTLE_FAILED',
    `step ${index}: ${messageOf(failure)} This was thrown after the base had stepped: the weights are those of the next ` +
      'step, radius and state as before it was thrown.',
    { cause: isFlatminError(failure) && failure.cause !== undefined ? failure.cause : failure },
  );
}

/** The error of a step that was only tried, whose `settle` threw: everything is put back. What is flatmin's own says enough itself. */
export function trialError(index: number, failure: unknown): unknown {
  if (isFlatminError(failure)) return failure;
  return new FlatminError(
    'SETTLE_FAILED',
    `step ${index}: ${messageOf(failure)} This was thrown while the step was only tried: nothing has changed.`,
    { cause: failure },
  );
}
