import { FlatminError, type LossFunction } from '@flatmin/core';
import {
  dot,
  type Evaluate,
  matchCleanNorm,
  type VariantMetrics,
  requireGradient,
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
import { type Lower, nextSensitivity } from './sensitivity.js';
import type { LetsSettings } from './settings.js';
import { descendRadius, firstRadius, type RadiusState } from './upper.js';

/** What lives between steps. */
export interface LetsState<S> {
  readonly inner: S;
  readonly radius: RadiusState;
  /** z, an estimate of d theta / d rho; absent where nothing of it outlives the step. */
  readonly sensitivity?: WeightVector;
  /** 1 where the upper step of the last batch waits for this step's batch (`trainingBatch: 'next'`). */
  readonly waiting: number;
}

interface Carry<S> extends Lower {
  readonly inner: StepOutcome<S>;
}

/** What the upper level needs of a point: loss and gradient there. */
interface Upper {
  readonly radius: RadiusState;
  readonly metrics: VariantMetrics;
}

/** LETS around a variant: the radius is a state, moved down the gradient of an upper objective by rho. */
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
      read: ({ radius }) => radius.rho,
      write: (state, to) => ({ ...state, radius: { ...state.radius, rho: to } }),
    };
  }

  attach(context: { readonly validationLoss?: LossFunction }): void {
    this.#validationLoss = context.validationLoss ?? this.#validationLoss;
    this.#inner.attach?.(context);
  }

  initialState(weights: WeightVector): LetsState<S> {
    const { memory } = this.#settings;
    return {
      inner: this.#inner.initialState(weights),
      radius: firstRadius(this.#rho, this.#settings),
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
    const { rho } = waited.radius;
    const { memory, normMatch, trainingBatch } = this.#settings;
    const given = this.#inner.estimate({ ...step, radius: rho, state: step.state.inner });
    if (normMatch && given.ascent !== undefined) requireGradient(given, `${this.id} with normMatch`, this.#inner.id);
    const inner = normMatch ? matchCleanNorm(given) : given;
    const last = step.state.sensitivity;
    const state = {
      inner: inner.state,
      radius: waited.radius,
      waiting: 0,
      ...(memory > 0 && last && { sensitivity: last }),
    };
    if (inner.ascent === undefined) {
      return {
        ...inner,
        state,
        carry: { inner: given },
        metrics: { ...inner.metrics, ...waited.metrics, radiusAfter: rho },
      };
    }
    const isUpper = this.#isUpperStep(step.index);
    // Without memory z serves the upper step of its own step alone.
    const { sensitivity, used }: Lower =
      memory > 0 || isUpper ? nextSensitivity(this.#settings, { step, inner, rho, last }) : {};
    const wait = trainingBatch === 'next' && isUpper;
    const kept = sensitivity !== undefined && (memory > 0 || wait) ? { sensitivity } : {};
    return {
      ...inner,
      state: { ...state, ...kept, waiting: wait ? 1 : 0 },
      carry: { inner: given, ...(sensitivity && { sensitivity }), ...(used && { used }) },
      metrics: { ...inner.metrics, ...waited.metrics, radius: rho, radiusAfter: rho },
    };
  }

  afterUpdate(after: AfterUpdate<LetsState<S>>): { readonly state: LetsState<S>; readonly metrics?: VariantMetrics } {
    const { step, outcome, evaluate } = after;
    const { inner, sensitivity, used } = outcome.carry as Carry<S>;
    const atRho = { ...after, step: { ...step, radius: after.state.radius.rho } };
    const settled = afterInnerUpdate(this.#inner, atRho, inner, step.state.inner);
    const state = { ...after.state, inner: settled.state };
    if (sensitivity === undefined || state.waiting === 1 || !this.#isUpperStep(step.index)) {
      return { state, ...(settled.metrics && { metrics: settled.metrics }) };
    }
    const upper = this.#upper(state.radius, sensitivity, evaluate, used);
    return { state: { ...state, radius: upper.radius }, metrics: { ...settled.metrics, ...upper.metrics } };
  }

  #isUpperStep(index: number): boolean {
    const { every, warmup } = this.#settings;
    return index >= warmup && index % every === 0;
  }

  /** `trainingBatch: 'next'`: the upper step of the last batch, now that a fresh training batch is here. */
  #upperOfLastBatch({ state, evaluate }: Step<LetsState<S>>): Upper {
    const validationLoss = this.#requireValidationLoss();
    if (state.waiting === 0 || state.sensitivity === undefined) return { radius: state.radius, metrics: {} };
    const heldOut: Evaluate = (at) => evaluate(at?.loss === validationLoss ? { ...at, updateStatistics: false } : at);
    return this.#upper(state.radius, state.sensitivity, heldOut);
  }

  /** The upper objective's derivative by rho through z, and a step down it. */
  #upper(radius: RadiusState, z: WeightVector, evaluate: Evaluate, used?: tf.Tensor): Upper {
    const validation = evaluate({ loss: this.#requireValidationLoss() });
    if (this.#settings.objective === 'validation') {
      const hypergradient = dot(validation.gradient, z);
      const next = descendRadius(radius, hypergradient, this.#settings, used);
      return { radius: next, metrics: { validationLoss: validation.loss, hypergradient, radiusAfter: next.rho } };
    }
    const training = evaluate();
    const gap = tf.sub<tf.Scalar>(validation.loss, training.loss);
    const hypergradient = tf.mul<tf.Scalar>(gap, dot(sub(validation.gradient, training.gradient), z));
    const next = descendRadius(radius, hypergradient, this.#settings, used);
    return { radius: next, metrics: { gap, hypergradient, radiusAfter: next.rho } };
  }

  #requireValidationLoss(): LossFunction {
    if (this.#validationLoss !== undefined) return this.#validationLoss;
    throw withoutValidationLoss(this.id);
  }
}

/**
 * What LETS says where it has no held-out loss: when it is created where it will not get one, else at its first step.
 */
export function withoutValidationLoss(id: string): FlatminError {
  return new FlatminError(
    'VALIDATION_LOSS_MISSING',
    `${id} learns rho on held-out data and has none. Create it with { validationLoss: () => tf.Scalar }, or after loading ` +
      'a model call optimizer.attach({ validationLoss }). validationBatches(...) of @flatmin/lets makes one from tensors.',
  );
}
