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

/** The version of the plugin contract that this core speaks. */
export const apiVersion = 1;

/** What a meta-plugin gets besides its options: what it wraps, and where the radius starts. */
export interface MetaContext {
  readonly inner: SharpnessVariant<unknown>;
  /** The radius the spec gave to the inner variant, as it stands there; absent where none was given. */
  readonly givenRadius?: unknown;
  readonly validationLoss?: LossFunction;
  /** The number of steps of the run, when the caller knows it. */
  readonly totalSteps?: number;
  /** Tells whoever makes the optimizer, in one line, of options that are valid and do nothing in this run. */
  readonly caution?: (message: string) => void;
  /** True where nothing is attached later: what this lacks should be refused by `create`, and not by the first step. */
  readonly complete?: boolean;
  /**
   * Another registered meta around a variant, by name: of a meta that is composed of others. See `docs/decisions/0006`.
   */
  readonly wrap: (spec: Spec, around: SharpnessVariant<unknown>) => SharpnessVariant<unknown>;
}

/** What `create` of each kind of plugin takes and gives. */
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
 * What the page of variants says of an algorithm beyond its options: plain strings, formulas in ASCII as in the
 * sources.
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

/** What a config that shows a plugin says where the defaults are not enough. */
export interface PluginExample {
  /** Options of the plugin: those that are required, at least. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Of a model, or of a variant that is for certain data. Default: a data set that flatmin ships. */
  readonly dataset?: Spec;
  /** Of a data set, or of a variant that is for certain models. Default: an MLP. */
  readonly model?: Spec;
  /** Of a variant or a meta that is for certain bases. Default: SGD with momentum. */
  readonly base?: Spec;
}

/**
 * A plugin: a plain object. `options` is any Standard Schema; it has every option's type, default, range and
 * description, and the command line, the tables of the docs and the errors are made from it.
 */
export interface Plugin<K extends PluginKind = PluginKind> {
  readonly kind: K;
  /** How specs name it: `{ use: id }`. Lower case, digits and dashes. */
  readonly id: string;
  readonly apiVersion: number;
  /** One sentence for listings. */
  readonly description?: string;
  readonly options: StandardSchemaV1;
  /** The option that is the radius; default `rho`. LE-SAM's is its sigma. */
  readonly radiusOption?: string;
  /** Ids of metas that `create` wraps by name: registered beside it, or it is refused. See `docs/decisions/0006`. */
  readonly requires?: readonly string[];
  /** Why a step of it reads a value back from the backend, where it must. Absent: it reads nothing. */
  readonly readsBack?: string;
  /** The algorithm in a few words, for the generated page of variants. */
  readonly about?: PluginFacts;
  /** What the config that `flatmin plugins ID` shows says. Needed where an option is required. */
  readonly example?: PluginExample;
  /**
   * Of a data set: given the names in a folder, the options that read it besides `dir`, or undefined where it is not of
   * this format. So `flatmin data check DIR` finds the plugin. Looks at names only, and never throws.
   */
  readonly detect?: (names: readonly string[]) => Readonly<Record<string, unknown>> | undefined;
  /**
   * Of a data set: given the name of a single file, the options that read it besides `file`, or undefined where it is
   * not of this format. So `flatmin data check FILE` finds the plugin. Looks at the name only, and never throws.
   */
  readonly detectFile?: (name: string) => Readonly<Record<string, unknown>> | undefined;
  /**
   * Of a model: the options that are paths of files. In a config they are meant from its folder, or are files of an
   * installed package (`some-trunk/model.json`); what a plugin gets is the path itself.
   */
  readonly paths?: readonly string[];
  create(options: unknown, context: PluginKinds[K]['context']): PluginKinds[K]['product'];
  /**
   * Of a model that takes its time to make, as one that is read from files: takes the place of `create` in
   * `container.loadModel`. `create` itself refuses then.
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
