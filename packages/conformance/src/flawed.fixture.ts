import {
  add,
  definePlugin,
  norm,
  normalize,
  type Plugin,
  radius,
  scale,
  type SharpnessVariant,
  type Step,
  type StepOutcome,
  type WeightVector,
} from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';
import * as z from 'zod';

/** A step of SAM whose parts a flawed variant replaces. */
export interface Parts {
  /** The rho-free direction. */
  readonly direction?: (step: Step<unknown>, gradient: WeightVector) => WeightVector;
  /** Default: radius times direction. */
  readonly offset?: (step: Step<unknown>, direction: WeightVector) => WeightVector;
  /** Happens in each step, before anything else. */
  readonly also?: (step: Step<unknown>) => void;
  /** Has the last word on the outcome. */
  readonly finish?: (outcome: StepOutcome<unknown>, step: Step<unknown>) => StepOutcome<unknown>;
}

export function samStep(step: Step<unknown>, parts: Parts = {}): StepOutcome<unknown> {
  const {
    direction: toDirection = (_, g) => normalize(g),
    offset: toOffset = (s, d) => scale(d, s.radius),
    also,
    finish = (outcome) => outcome,
  } = parts;
  also?.(step);
  const { loss, gradient } = step.evaluate();
  const direction = toDirection(step, gradient);
  const offset = toOffset(step, direction);
  const perturbed = step.evaluate({ offset }).gradient;
  const ascent = { direction, clean: gradient, perturbed };
  const metrics = { perturbationNorm: norm(offset) };
  return finish({ loss, gradient: perturbed, state: step.state, ascent, metrics }, step);
}

const options = z.strictObject({ rho: radius(0.05), period: z.number().int().min(1).default(1) });

/** A plugin of the id `sam`, so that the specs of the references find it. */
export function pluginOf(
  create: (options: { readonly period: number }) => Partial<SharpnessVariant<unknown>>,
  more: Partial<Plugin<'variant'>> = {},
): Plugin<'variant'> {
  return definePlugin({
    kind: 'variant',
    id: 'sam',
    apiVersion: 1,
    options,
    create: (given: unknown) => ({
      id: 'sam',
      radius: 'linear' as const,
      initialState: () => ({}),
      estimate: (step) => samStep(step),
      ...create(given as { readonly period: number }),
    }),
    ...more,
  });
}

/** SAM with some of its parts replaced. */
export const samWith = (parts: Parts): Plugin<'variant'> =>
  pluginOf(() => ({ estimate: (step) => samStep(step, parts) }));

/** The trainable variables of the kit's problem, behind the engine's back. */
export function registered(filter: (name: string) => boolean): readonly tf.Variable[] {
  return Object.values(tf.engine().registeredVariables).filter(({ name }) => filter(name));
}

/** Perturbs the variables itself, and subtracts the offset again afterwards. */
export function perturbsVariables(step: Step<unknown>): StepOutcome<unknown> {
  const { loss, gradient } = step.evaluate();
  const offset = scale(normalize(gradient), step.radius);
  const variables = step.parameters.map(({ name }) => tf.engine().registeredVariables[name] as tf.Variable);
  variables.forEach((variable, i) => variable.assign(tf.add(variable, offset[i] as tf.Tensor)));
  const { grads } = tf.variableGrads(step.loss, variables);
  variables.forEach((variable, i) => variable.assign(tf.sub(variable, offset[i] as tf.Tensor)));
  return { loss, gradient: variables.map(({ name }) => grads[name] as tf.Tensor), state: step.state };
}

/** Averages gradients, in a place that nobody saves. */
export function hiddenAverage(): Partial<SharpnessVariant<unknown>> {
  let average: WeightVector | undefined;
  return {
    estimate: (step) =>
      samStep(step, {
        direction: (_, gradient) => {
          const next = average === undefined ? gradient : add(scale(average, 0.5), scale(gradient, 0.5));
          average = next.map((tensor) => tf.keep(tensor.clone()));
          return normalize(average);
        },
      }),
  };
}
