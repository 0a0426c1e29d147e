import * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod';
import { variantFactory } from './compose/factories.js';
import type { SharpnessAwareOptimizer } from './optimizer/optimizer.js';
import { definePlugin, type Plugin } from './plugin/plugin.js';
import { radius } from './variant/schedule.js';
import { type FlatminError, isFlatminError } from './errors/errors.js';
import type { SharpnessVariant, StepOutcome } from './variant/variant.js';
import { ascentOf } from './variant/ascent.js';
import { normalize, scale, type WeightVector } from './tensors/weightVector.js';

/** SAM as a stranger would write it, in one screen. */
export const toySam: SharpnessVariant<unknown> = {
  id: 'toy-sam',
  radius: 'linear',
  initialState: () => ({}),
  estimate: ({ evaluate, radius: rho, state }) => {
    const { loss, gradient: clean } = evaluate();
    const offset = scale(normalize(clean), rho);
    const { gradient: perturbed } = evaluate({ offset });
    return { loss, gradient: perturbed, state, ascent: ascentOf(offset, rho, { clean, perturbed }) };
  },
};

export const toySamPlugin = definePlugin({
  kind: 'variant',
  id: 'toy-sam',
  apiVersion: 1,
  options: z.strictObject({ rho: radius(0.05) }),
  create: () => toySam,
});

/**
 * A variant with memory: the base gets a moving average of clean gradients; state has vectors, a scalar and an integer.
 */
export const toyAverage: SharpnessVariant<{ average: WeightVector; norm: tf.Scalar; count: number }> = {
  id: 'toy-average',
  radius: 'none',
  initialState: (weights) => ({ average: weights.map((w) => tf.zerosLike(w)), norm: tf.scalar(0), count: 0 }),
  estimate: ({ evaluate, state }) => {
    const { loss, gradient } = evaluate();
    const average = state.average.map((a, i) => tf.add(tf.mul(a, 0.5), gradient[i] as tf.Tensor));
    const norm = tf.add<tf.Scalar>(state.norm, loss);
    return { loss, gradient: average, state: { average, norm, count: state.count + 1 }, metrics: { norm } };
  },
};

/** The plugin of a variant without options but rho. */
export function pluginOf<S>(variant: SharpnessVariant<S>): Plugin<'variant'> {
  return definePlugin({
    kind: 'variant',
    id: variant.id,
    apiVersion: 1,
    options: z.strictObject({ rho: radius(0.05) }),
    create: () => variant as SharpnessVariant<unknown>,
  });
}

type Settings = Readonly<Record<string, unknown>>;

/** An optimizer of a variant; plain SGD at 0.1 unless another base is given. */
export function optimizerOf<S>(
  variant: SharpnessVariant<S>,
  settings: Settings = {},
  context = {},
): SharpnessAwareOptimizer {
  const make = variantFactory(pluginOf(variant)) as (given: Settings, context: object) => SharpnessAwareOptimizer;
  return make({ base: { use: 'sgd', learningRate: 0.1 }, ...settings }, context);
}

/** A variant that does what a test wants in `estimate`. */
export function variantOf(
  estimate: SharpnessVariant<unknown>['estimate'],
  more: Partial<SharpnessVariant<unknown>> = {},
): SharpnessVariant<unknown> {
  return { id: 'probe', radius: 'linear', initialState: () => ({}), estimate, ...more };
}

/** The step of the base alone, with what a test adds. */
export const plainOutcome = (
  step: Parameters<SharpnessVariant<unknown>['estimate']>[0],
  more: Partial<StepOutcome<unknown>> = {},
): StepOutcome<unknown> => ({ ...step.evaluate(), state: step.state, ...more });

/** Values as they are in memory. */
export function valuesOf(tensors: readonly tf.Tensor[]): number[][] {
  return tensors.map((tensor) => Array.from(tensor.dataSync()));
}

/** 1/2 sum of c w^2 over variables: its gradient is c w. */
export function quadratic(...variables: readonly tf.Variable[]): () => tf.Scalar {
  return () => {
    const terms = variables.map((v, i) => tf.mul(tf.sum(tf.square(v as tf.Tensor)), (i + 1) / 2));
    return tf.addN(terms) as tf.Scalar;
  };
}

/** Gives back what it gets, and disposes it after the test. */
export function owner(afterEach: (dispose: () => void) => void): <T extends { dispose(): void }>(each: T) => T {
  const owned: { dispose(): void }[] = [];
  afterEach(() => owned.splice(0).forEach((each) => each.dispose()));
  return (each) => {
    owned.push(each);
    return each;
  };
}

let made = 0;
/** Float32 variables of fresh names. */
export function variablesOf(...values: readonly (number | number[])[]): tf.Variable[] {
  return values.map((value) => tf.variable(tf.tensor(value), true, `v${made++}`));
}

/** The FlatminError that `run` throws. */
export function thrownBy(run: () => unknown): FlatminError {
  try {
    run();
  } catch (error) {
    if (isFlatminError(error)) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** The FlatminError that a promise rejects with. */
export async function rejectionOf(promise: Promise<unknown>): Promise<FlatminError> {
  return promise.then(
    () => {
      throw new Error('nothing was thrown');
    },
    (error: unknown) =>
      thrownBy(() => {
        throw error;
      }),
  );
}

/** One such variable. */
export const variableOf = (value: number | number[]): tf.Variable => variablesOf(value)[0] as tf.Variable;

/** What a variable holds: its very data, which a copy of the same numbers is not. */
export const heldBy = (variable: tf.Tensor): unknown => variable.dataId;
