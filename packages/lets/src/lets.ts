import { FlatminError, type LossFunction } from '@flatmin/core';
import {
  dot,
  norm,
  projectOut,
  scaleEach,
  withOffsets,
  type Evaluate,
  matchCleanNorm,
  type VariantMetrics,
  requireGradient,
  scheduleAt,
  type AfterUpdate,
  afterInnerUpdate,
  type SharpnessVariant,
  type Step,
  type StepOutcome,
  type StepOutlook,
  sub,
  type WeightVector,
  zerosLike,
} from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';
import { dots, meanRadius, ofMean, RadiusGroups, refuseOthers } from './radiusGroups.js';
import { changeOf, type Lower, nextSensitivity, reaching, type StepChange } from './sensitivity.js';
import type { LetsSettings } from './settings.js';
import { descendRadius, firstRadius, type RadiusState } from './upper.js';

/** What lives between steps. */
export interface LetsState<S> {
  readonly inner: S;
  readonly radius: RadiusState;
  /** z, an estimate of d theta / d rho; absent if it does not outlive the step. */
  readonly sensitivity?: WeightVector;
  /** 1 where the upper step of the last batch waits for this step's batch (`trainingBatch: 'next'`). */
  readonly waiting: number;
}

interface Carry<S> {
  readonly inner: StepOutcome<S>;
  readonly change?: StepChange;
}

/** Where the upper level stands. */
interface Place {
  /** At the weights that z is of. */
  readonly evaluate: Evaluate;
  readonly groups: RadiusGroups | undefined;
  /** Minus the rate of rho. */
  readonly descent: tf.Scalar;
}

/** What the upper level leaves. */
interface Upper {
  readonly radius: RadiusState;
  readonly metrics: VariantMetrics;
}

/**
 * LETS around a variant: the radius is part of the state, and descends the gradient of an upper objective with respect
 * to rho.
 */
export class Lets<S> implements SharpnessVariant<LetsState<S>> {
  readonly id: string;
  readonly radius = 'linear';
  readonly learnedRadius: NonNullable<SharpnessVariant<LetsState<S>>['learnedRadius']>;
  readonly #inner: SharpnessVariant<S>;
  readonly #settings: LetsSettings;
  readonly #rho: number;
  #validationLoss: LossFunction | undefined;

  constructor(inner: SharpnessVariant<S>, settings: LetsSettings, rho: number, validationLoss?: LossFunction) {
    this.id = `lets(${inner.id})`;
    this.#inner = inner;
    this.#settings = settings;
    this.#rho = rho;
    this.#validationLoss = validationLoss;
    this.learnedRadius = {
      initial: rho,
      min: settings.rhoMin,
      max: settings.rhoMax,
      read: ({ radius }) => meanRadius(radius.rho),
      write: (state, to) => ({ ...state, radius: { ...state.radius, rho: ofMean(state.radius.rho, to) } }),
    };
  }

  attach(context: { readonly validationLoss?: LossFunction }): void {
    this.#validationLoss = context.validationLoss ?? this.#validationLoss;
    this.#inner.attach?.(context);
  }

  initialState(weights: WeightVector): LetsState<S> {
    const { groups, memory } = this.#settings;
    return {
      inner: this.#inner.initialState(weights),
      radius: firstRadius(this.#rho, this.#settings, groups === undefined ? undefined : weights.length),
      ...(memory > 0 ? { sensitivity: zerosLike(weights) } : {}),
      waiting: 0,
    };
  }

  graphKey(outlook: StepOutlook<LetsState<S>>): string | null {
    const { index, state } = outlook;
    const inner = this.#inner.graphKey?.({ ...outlook, state: state.inner }) ?? null;
    return inner === null ? null : `${inner}, ${this.#isUpperStep(index) ? 'upper' : 'lower'} ${state.waiting}`;
  }

  estimate(step: Step<LetsState<S>>): StepOutcome<LetsState<S>> {
    const waited = this.#upperOfLastBatch(step);
    const rho = meanRadius(waited.radius.rho);
    const { curvature, memory, normMatch, trainingBatch } = this.#settings;
    const scales = this.#scalesOf(waited.radius.rho, rho, step.weights);
    const lower = scales === undefined ? step : withOffsets(step, (offset) => scaleEach(offset, scales));
    const given = this.#inner.estimate({ ...lower, radius: rho, state: step.state.inner });
    if (normMatch && given.ascent !== undefined) requireGradient(given, `${this.id} with normMatch`, this.#inner.id);
    const inner = normMatch ? matchCleanNorm(given) : given;
    const { ascent } = inner;
    const isUpper = this.#isUpperStep(step.index);
    // Without memory z serves the upper step of its own step alone.
    const isNeeded = ascent !== undefined && (memory > 0 || isUpper);
    const change = isNeeded ? changeOf(curvature, lower, inner, rho, scales) : undefined;
    const state = { ...step.state, inner: inner.state, radius: waited.radius };
    return {
      ...inner,
      state: { ...state, waiting: trainingBatch === 'next' && isUpper && ascent !== undefined ? 1 : 0 },
      carry: { inner: given, ...(change && { change }) },
      metrics: {
        ...inner.metrics,
        ...(scales && ascent && { perturbationNorm: tf.mul(rho, norm(scaleEach(ascent.direction, scales))) }),
        ...waited.metrics,
        ...(ascent && { radius: rho }),
        radiusAfter: rho,
      },
    };
  }

  afterUpdate(after: AfterUpdate<LetsState<S>>): { readonly state: LetsState<S>; readonly metrics?: VariantMetrics } {
    const { step, outcome, evaluate } = after;
    const { inner, change } = outcome.carry as Carry<S>;
    const atRho = { ...after, step: { ...step, radius: meanRadius(after.state.radius.rho) } };
    const settled = afterInnerUpdate(this.#inner, atRho, inner, step.state.inner);
    const state = { ...after.state, inner: settled.state };
    if (change === undefined) return { state, ...(settled.metrics && { metrics: settled.metrics }) };
    const groups = this.#groupsOf(step);
    const { sensitivity, used } = this.#sensitivityAfter(step, change, state.sensitivity, groups);
    const isKept = this.#settings.memory > 0 || state.waiting === 1;
    const next = isKept ? { ...state, sensitivity } : state;
    if (state.waiting === 1 || !this.#isUpperStep(step.index)) {
      return { state: next, ...(settled.metrics && { metrics: settled.metrics }) };
    }
    const upper = this.#upper({ descent: this.#descentOf(step), evaluate, groups }, state.radius, sensitivity, used);
    return { state: { ...next, radius: upper.radius }, metrics: { ...settled.metrics, ...upper.metrics } };
  }

  #sensitivityAfter(
    step: Step<LetsState<S>>,
    change: StepChange,
    last: WeightVector | undefined,
    groups: RadiusGroups | undefined,
  ): Lower {
    const { preconditioned, projection } = this.#settings;
    const project = groups?.projectOut ?? projectOut;
    return nextSensitivity(this.#settings, reaching(step.base, change), {
      learningRate: step.learningRate,
      last,
      ...(preconditioned && { preconditioner: step.base.preconditioner() }),
      ...(projection && { project }),
    });
  }

  #descentOf(step: Pick<Step<unknown>, 'scalarAt'>): tf.Scalar {
    return step.scalarAt((time) => -scheduleAt(this.#settings.upper.learningRate, time));
  }

  #groupsOf({ parameters }: Pick<Step<unknown>, 'parameters'>): RadiusGroups | undefined {
    const { groups } = this.#settings;
    return groups === undefined ? undefined : new RadiusGroups(groups, parameters);
  }

  /** Each variable's radius, as a factor of the mean. */
  #scalesOf(radii: tf.Tensor, mean: tf.Scalar, weights: WeightVector): tf.Tensor1D | undefined {
    if (this.#settings.groups === undefined) return undefined;
    refuseOthers(radii, weights, this.id);
    return tf.div<tf.Tensor1D>(radii, mean);
  }

  #isUpperStep(index: number): boolean {
    const { every, warmup } = this.#settings;
    return index >= warmup && index % every === 0;
  }

  /** `trainingBatch: 'next'`: the upper step of the last batch, now that a fresh training batch is here. */
  #upperOfLastBatch(step: Step<LetsState<S>>): Upper {
    const validationLoss = this.#requireValidationLoss();
    const { evaluate, state } = step;
    if (state.waiting === 0 || state.sensitivity === undefined) return { radius: state.radius, metrics: {} };
    const heldOut: Evaluate = (at) => evaluate(at?.loss === validationLoss ? { ...at, updateStatistics: false } : at);
    const at = { descent: this.#descentOf(step), evaluate: heldOut, groups: this.#groupsOf(step) };
    return this.#upper(at, state.radius, state.sensitivity);
  }

  /** The upper objective's derivative by rho through z, and a step down it. */
  #upper({ descent, evaluate, groups }: Place, radius: RadiusState, z: WeightVector, used?: tf.Tensor): Upper {
    const validation = evaluate({ loss: this.#requireValidationLoss() });
    const descend = (gradient: WeightVector, by: tf.Scalar | undefined, told: VariantMetrics): Upper => {
      const along = groups === undefined ? dot(gradient, z) : dots(gradient, z);
      const slopes = by === undefined ? along : tf.mul(by, along);
      const h = groups === undefined ? slopes : groups.sum(slopes as tf.Tensor1D);
      const next = descendRadius(radius, { h, descent, used }, this.#settings);
      const hypergradient = groups === undefined ? (slopes as tf.Scalar) : tf.sum<tf.Scalar>(slopes);
      const radiusAfter = meanRadius(next.rho);
      const each = groups?.metrics('radiusAfter', next.rho);
      return { radius: next, metrics: { ...told, hypergradient, radiusAfter, ...each } };
    };
    if (this.#settings.objective === 'validation') {
      return descend(validation.gradient, undefined, { validationLoss: validation.loss });
    }
    const training = evaluate();
    const gap = tf.sub<tf.Scalar>(validation.loss, training.loss);
    return descend(sub(validation.gradient, training.gradient), gap, { gap });
  }

  #requireValidationLoss(): LossFunction {
    if (this.#validationLoss !== undefined) return this.#validationLoss;
    throw withoutValidationLoss(this.id);
  }
}

/**
 * The error of a LETS without a held-out loss: thrown at creation if it will not get one, otherwise at its first step.
 */
export function withoutValidationLoss(id: string): FlatminError {
  return new FlatminError(
    'VALIDATION_LOSS_MISSING',
    `${id} learns rho on held-out data and has none. Create it with { validationLoss: () => tf.Scalar }, or after loading ` +
      'a model call optimizer.attach({ validationLoss }). validationBatches(...) of @flatmin/lets makes one from tensors.',
  );
}
