import type { StandardSchemaV1 } from '@standard-schema/spec';
import { builtInBases } from './builtInBases.js';
import { Composer } from './composer.js';
import { pluginsInUse } from '../optimizer/currentContainer.js';
import type { SharpnessAwareOptimizer } from '../optimizer/optimizer.js';
import type { Plugin } from '../plugin/plugin.js';
import type { OptimizerContext } from '../step/setup.js';
import { Registry } from '../plugin/registry.js';
import type { PluginOptions, SharedSettings, UncheckedSpec, VariantSettings } from '../plugin/pluginOptions.js';
import type { Spec } from '../plugin/spec.js';

/** A plugin without options has nothing to add, rather than an object in which every name is forbidden. */
export type OptionsOfSchema<P extends Plugin> =
  P['options'] extends StandardSchemaV1<infer I> ? (I extends Record<string, never> ? unknown : I) : never;

/** The options of a plugin: those that its package added to {@link PluginOptions}, else what its schema takes. */
export type OptionsOf<P extends Plugin> = P extends { readonly id: infer I extends keyof PluginOptions }
  ? PluginOptions[I]
  : OptionsOfSchema<P>;

/** What {@link variantFactory} gives; a base is checked unless its plugin is named by any string. */
export interface VariantFactory<P extends Plugin> {
  (options?: OptionsOf<P> & SharedSettings & VariantSettings, context?: OptimizerContext): SharpnessAwareOptimizer;
  <const B extends Spec>(
    options: OptionsOf<P> & SharedSettings<UncheckedSpec<B>> & VariantSettings,
    context?: OptimizerContext,
  ): SharpnessAwareOptimizer;
}

/** What {@link metaFactory} gives. */
export interface MetaFactory<P extends Plugin> {
  (inner: SharpnessAwareOptimizer, options?: OptionsOf<P> & SharedSettings & OptimizerContext): SharpnessAwareOptimizer;
  <const B extends Spec>(
    inner: SharpnessAwareOptimizer,
    options: OptionsOf<P> & SharedSettings<UncheckedSpec<B>> & OptimizerContext,
  ): SharpnessAwareOptimizer;
}

function compose(plugin: Plugin, spec: Spec, context: OptimizerContext): SharpnessAwareOptimizer {
  const registry = new Registry();
  // What it is composed of, it does not import: the container in use has it.
  for (const each of [...builtInBases, ...pluginsInUse(plugin.requires ?? []), plugin]) registry.register(each);
  return new Composer(registry.freeze()).wrappable(spec, context);
}

/** The function that makes optimizers of one variant in code, without a registry: `sam({ rho: 0.05, base })`. */
export function variantFactory<P extends Plugin<'variant'>>(plugin: P): VariantFactory<P> {
  return (options?: object, context: OptimizerContext = {}) => compose(plugin, { use: plugin.id, ...options }, context);
}

/**
 * The function that makes optimizers of one base in code: `sgdw({ learningRate: 0.1 })`. Such an optimizer can train on
 * its own; once it is given as `base` to another one, it belongs to that one and can no longer be used itself.
 */
export function baseFactory<P extends Plugin<'base'>>(
  plugin: P,
): (options: OptionsOf<P> & Omit<SharedSettings, 'base'>, context?: OptimizerContext) => SharpnessAwareOptimizer {
  return (options, context = {}) => compose(plugin, { use: plugin.id, ...options }, context);
}

/**
 * The function that wraps an optimizer in a meta-plugin in code: `lets(sam({ base }), { validationLoss })`. The wrapped
 * optimizer hands over its base and can no longer be used.
 */
export function metaFactory<P extends Plugin<'meta'>>(plugin: P): MetaFactory<P> {
  return (inner: SharpnessAwareOptimizer, options?: object) => {
    const { validationLoss, totalSteps, parameters, ...own } = { ...options } as OptimizerContext &
      Record<string, unknown>;
    return compose(plugin, { use: plugin.id, ...own, inner }, { validationLoss, totalSteps, parameters });
  };
}
