import type { StandardSchemaV1 } from '@standard-schema/spec';
import type * as tf from '@tensorflow/tfjs-core';
import { builtInBases } from './builtInBases.js';
import { Composer } from './composer.js';
import { pluginsInUse } from '../optimizer/currentContainer.js';
import type { SharpnessAwareOptimizer } from '../optimizer/optimizer.js';
import type { Plugin } from '../plugin/plugin.js';
import type { OptimizerContext } from '../step/setup.js';
import { Registry } from '../plugin/registry.js';
import type { Spec } from '../plugin/spec.js';

/** Options that every optimizer takes, once, at whatever level. */
export interface SharedSettings {
  /**
   * The optimizer under the step: a spec, or in code what a base's factory gives, which hands itself over, or any other
   * `tf.Optimizer`, which then belongs to the caller.
   */
  readonly base?: Spec | tf.Optimizer;
  /** Scales the final gradient down to this norm. */
  readonly clipNorm?: number;
  /** Cuts every pass of a step in this many micro-batches: the step of the whole batch in less memory. */
  readonly accumulate?: number;
  /** Refuses a non-finite loss or gradient before anything changes. */
  readonly guard?: boolean;
  /** Fixes every random number of the optimizer. */
  readonly seed?: number;
}

/** What every variant takes beside its own options: when it perturbs, and in how many parts of the batch. */
export interface VariantSettings {
  /** Perturbs each n-th step, the first of the window first. */
  readonly every?: number;
  readonly start?: number;
  readonly end?: number;
  /** m-sharpness: that many parts of the batch, each with its own step of the variant, which are averaged. */
  readonly microBatches?: number;
}

/** A plugin without options has nothing to add, rather than an object in which every name is forbidden. */
export type OptionsOf<P extends Plugin> =
  P['options'] extends StandardSchemaV1<infer I> ? (I extends Record<string, never> ? unknown : I) : never;

function compose(plugin: Plugin, spec: Spec, context: OptimizerContext): SharpnessAwareOptimizer {
  const registry = new Registry();
  // What it is composed of, it does not import: the container in use has it.
  for (const each of [...builtInBases, ...pluginsInUse(plugin.requires ?? []), plugin]) registry.register(each);
  return new Composer(registry.freeze()).wrappable(spec, context);
}

/** The function that makes optimizers of one variant in code, without a registry: `sam({ rho: 0.05, base })`. */
export function variantFactory<P extends Plugin<'variant'>>(
  plugin: P,
): (options?: OptionsOf<P> & SharedSettings & VariantSettings, context?: OptimizerContext) => SharpnessAwareOptimizer {
  return (options, context = {}) => compose(plugin, { use: plugin.id, ...options }, context);
}

/**
 * The function that makes optimizers of one base in code: `sgdw({ learningRate: 0.1 })`. Such an optimizer trains by itself; given
 * as `base` to another one, it hands itself over and cannot be used any more.
 */
export function baseFactory<P extends Plugin<'base'>>(
  plugin: P,
): (options: OptionsOf<P> & Omit<SharedSettings, 'base'>, context?: OptimizerContext) => SharpnessAwareOptimizer {
  return (options, context = {}) => compose(plugin, { use: plugin.id, ...options }, context);
}

/**
 * The function that wraps an optimizer in a meta-plugin in code: `lets(sam({ base }), { validationLoss })`. The wrapped
 * optimizer hands over its base and cannot be used any more.
 */
export function metaFactory<P extends Plugin<'meta'>>(
  plugin: P,
): (
  inner: SharpnessAwareOptimizer,
  options?: OptionsOf<P> & SharedSettings & OptimizerContext,
) => SharpnessAwareOptimizer {
  return (inner, options) => {
    const { validationLoss, totalSteps, parameters, ...own } = { ...options } as OptimizerContext &
      Record<string, unknown>;
    return compose(plugin, { use: plugin.id, ...own, inner }, { validationLoss, totalSteps, parameters });
  };
}
