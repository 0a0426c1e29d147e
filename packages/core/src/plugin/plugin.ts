import type * as tf from '@tensorflow/tfjs-core';
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { type BaseOptimizer } from '../base/contract.js';
import { madeBy, refuseOtherCopy, thisCopy } from '../errors/duplicateCore.js';
import type { DataSet } from '../contracts/dataset.js';
import { FlatminError, show } from '../errors/errors.js';
import type { Model, ModelContext } from '../contracts/model.js';
import type { LossFunction } from '../loss/loss.js';
import type { SharpnessVariant } from '../variant/variant.js';
import type { Spec } from './spec.js';

/** The version of the plugin contract that this core supports. */
export const apiVersion = 1;

/** What a meta-plugin receives in addition to its options: the variant that it wraps, and where the radius starts. */
export interface MetaContext {
  readonly inner: SharpnessVariant<unknown>;
  /** The radius that the spec gave to the inner variant, as it is written there; absent if none was given. */
  readonly givenRadius?: unknown;
  readonly validationLoss?: LossFunction;
  /** The number of steps of the run, when the caller knows it. */
  readonly totalSteps?: number;
  /** Reports, in one line, options that are valid but have no effect in this run. */
  readonly caution?: (message: string) => void;
  /**
   * True if nothing will be attached later: `create` should then refuse what is missing, rather than the first step.
   */
  readonly complete?: boolean;
  /**
   * Wraps a variant in another registered meta, by name, for a meta that is built from others. See
   * `docs/decisions/0006`.
   */
  readonly wrap: (spec: Spec, around: SharpnessVariant<unknown>) => SharpnessVariant<unknown>;
}

/** What `create` of each kind of plugin takes and returns. */
export interface PluginKinds {
  variant: { context: undefined; product: SharpnessVariant<unknown> };
  meta: { context: MetaContext; product: SharpnessVariant<unknown> };
  base: { context: undefined; product: BaseOptimizer };
  dataset: { context: undefined; product: DataSet | Promise<DataSet> };
  model: { context: ModelContext; product: Model<tf.Tensor> };
}
export type PluginKind = keyof PluginKinds;
export const pluginKinds: readonly PluginKind[] = ['variant', 'meta', 'base', 'dataset', 'model'];

/**
 * What the page of variants says about an algorithm in addition to its options: plain strings, with formulas in ASCII
 * as in the sources.
 */
export interface PluginFacts {
  /** Authors, title, venue and arXiv id. */
  readonly paper: string;
  /**
   * The rho-free direction d of the offset rho d, such as `g / ||g||`; g is the clean gradient, gp the perturbed one.
   */
  readonly direction: string;
  /** What the base gets, such as `gp`. */
  readonly finalGradient: string;
  /** Gradient evaluations of a step. */
  readonly evaluations: string;
  /** What lives between steps, such as `none`. */
  readonly state: string;
}

/** What a config that shows a plugin needs beyond the defaults. */
export interface PluginExample {
  /** Options of the plugin: at least those that are required. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** For a model, or a variant that needs certain data. Default: a data set that flatmin ships. */
  readonly dataset?: Spec;
  /** For a data set, or a variant that needs certain models. Default: an MLP. */
  readonly model?: Spec;
  /** For a variant or a meta that needs certain bases. Default: SGD with momentum. */
  readonly base?: Spec;
}

/**
 * A plugin: a plain object. `options` is any Standard Schema; it holds the type, default, range and description of
 * every option, and the command line, the tables of the docs and the error messages are made from it.
 */
export interface Plugin<K extends PluginKind = PluginKind> {
  readonly kind: K;
  /** How specs name it: `{ use: id }`. Lower-case letters, digits and dashes. */
  readonly id: string;
  readonly apiVersion: number;
  /** One sentence for listings. */
  readonly description?: string;
  readonly options: StandardSchemaV1;
  /** The option that is the radius; default `rho`. LE-SAM's is its sigma. */
  readonly radiusOption?: string;
  /**
   * Ids of the metas that `create` wraps by name; without them in the container it is refused. See
   * `docs/decisions/0006`.
   */
  readonly requires?: readonly string[];
  /** If its steps must read a value back from the backend, the reason. Absent: they read nothing. */
  readonly readsBack?: string;
  /** The algorithm in a few words, for the generated page of variants. */
  readonly about?: PluginFacts;
  /** Completes the config that `flatmin plugins ID` shows. Necessary if an option is required. */
  readonly example?: PluginExample;
  /**
   * For a data set: given the names in a folder, returns the options (besides `dir`) that read it, or undefined if it
   * has another format. `flatmin data check DIR` finds the plugin with it. It looks only at names, and never throws.
   */
  readonly detect?: (names: readonly string[]) => Readonly<Record<string, unknown>> | undefined;
  /**
   * For a data set: given the name of a single file, returns the options (besides `file`) that read it, or undefined if
   * it has another format. `flatmin data check FILE` finds the plugin with it. It looks only at the name, and never
   * throws.
   */
  readonly detectFile?: (name: string) => Readonly<Record<string, unknown>> | undefined;
  /**
   * For a model: the options that are paths of files. In a config, these are relative to its folder, or name files of
   * an installed package (`some-trunk/model.json`); the plugin gets the resolved path.
   */
  readonly paths?: readonly string[];
  create(options: unknown, context: PluginKinds[K]['context']): PluginKinds[K]['product'];
  /**
   * For a model that is made asynchronously, such as one that is read from files: used in place of `create` by
   * `container.loadModel`. `create` itself then throws.
   */
  load?(options: unknown, context: PluginKinds[K]['context']): Promise<PluginKinds[K]['product']>;
}

/** What {@link definePlugin} takes: a plugin whose `create` gets what its schema makes of the options. */
export interface PluginDefinition<
  K extends PluginKind,
  S extends StandardSchemaV1,
  I extends string = string,
> extends Omit<Plugin<K>, 'create' | 'id' | 'load' | 'options'> {
  readonly id: I;
  readonly options: S;
  create(options: StandardSchemaV1.InferOutput<S>, context: PluginKinds[K]['context']): PluginKinds[K]['product'];
  load?(
    options: StandardSchemaV1.InferOutput<S>,
    context: PluginKinds[K]['context'],
  ): Promise<PluginKinds[K]['product']>;
}

/**
 * Declares a plugin and checks its shape at once, so that a mistake shows where it was made.
 *
 * @example
 * ```ts
 * export default definePlugin({
 *   kind: 'variant', id: 'my-sam', apiVersion: 1,
 *   options: z.strictObject({ rho: radius(0.05) }),
 *   create: () => mySam(),
 * });
 * ```
 */
export function definePlugin<K extends PluginKind, S extends StandardSchemaV1, const I extends string>(
  definition: PluginDefinition<K, S, I>,
): Plugin<K> & { readonly id: I; readonly options: S } {
  checkPlugin(definition);
  return Object.freeze({ ...definition, [madeBy]: thisCopy });
}

/** Throws a named error when `candidate` is not a plugin of this API version. */
export function checkPlugin(candidate: unknown): asserts candidate is Plugin {
  const plugin = candidate as Partial<Plugin> | null | undefined;
  const name = typeof plugin?.id === 'string' ? `plugin ${show(plugin.id)}` : 'a plugin';
  const refuse = (what: string): never => {
    throw new FlatminError('PLUGIN_INVALID', `${name} is not valid: ${what}. See definePlugin of @flatmin/core.`);
  };
  if (typeof plugin !== 'object' || plugin === null) return refuse(`it is ${show(candidate)}, not an object`);
  if (!pluginKinds.includes(plugin.kind as PluginKind)) {
    return refuse(`kind is ${show(plugin.kind)}, not one of ${pluginKinds.join(', ')}`);
  }
  if (typeof plugin.id !== 'string' || !/^[a-z0-9][a-z0-9-]*$/.test(plugin.id)) {
    return refuse(`id is ${show(plugin.id)}; use lower-case letters, digits and dashes`);
  }
  if (plugin.apiVersion !== apiVersion) {
    throw new FlatminError(
      'PLUGIN_API_VERSION',
      `${name} was made for plugin API version ${show(plugin.apiVersion)}, and this @flatmin/core supports ${apiVersion}. ` +
        'Install a release of the plugin made for this core.',
    );
  }
  if (typeof plugin.options?.['~standard']?.validate !== 'function') {
    return refuse('options is not a Standard Schema (https://standardschema.dev), such as a zod object');
  }
  if (plugin.requires !== undefined && !plugin.requires.every((id) => typeof id === 'string')) {
    return refuse(`requires is ${show(plugin.requires)}, not a list of ids`);
  }
  if (plugin.load !== undefined && typeof plugin.load !== 'function') {
    return refuse(`load is ${show(plugin.load)}, not a function`);
  }
  if (plugin.paths !== undefined && !plugin.paths.every((name) => typeof name === 'string')) {
    return refuse(`paths is ${show(plugin.paths)}, not a list of names of options`);
  }
  if (plugin.example !== undefined && (typeof plugin.example !== 'object' || plugin.example === null)) {
    return refuse(`example is ${show(plugin.example)}, not an object`);
  }
  for (const name of ['detect', 'detectFile'] as const) {
    if (plugin[name] !== undefined && typeof plugin[name] !== 'function') {
      return refuse(`${name} is ${show(plugin[name])}, not a function`);
    }
  }
  if (typeof plugin.create !== 'function') return refuse(`create is ${show(plugin.create)}, not a function`);
  refuseOtherCopy(plugin, name);
}
