import type { ParameterGroup } from '../variant/parameterGroups.js';
import type * as tf from '@tensorflow/tfjs-core';
import type { Schedule } from '../variant/scheduleOptions.js';
import type { PluginKind } from './plugin.js';

/**
 * The options of each plugin by its id: what the editor knows about `{ use: 'sam', ... }`. A package adds its own:
 *
 * @example
 * ```ts fragment
 * declare module '@flatmin/core' {
 *   interface PluginOptions {
 *     'my-sam': { readonly rho?: number }; // a variant
 *     'my-base': { readonly learningRate: number };
 *   }
 *   interface PluginKindById {
 *     'my-base': 'base'; // What is not a variant says so.
 *   }
 * }
 * ```
 */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- Plugins fill it.
export interface PluginOptions {}

/** The kinds of the plugins of {@link PluginOptions} that are not variants. Packages add their own. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- Plugins fill it.
export interface PluginKindById {}

export type KindOf<I> = I extends keyof PluginKindById ? PluginKindById[I] : 'variant';

export type IdOf<K extends PluginKind> = {
  [I in keyof PluginOptions]: KindOf<I> extends K ? I : never;
}[keyof PluginOptions];

/** `{ use, ...options }` of any plugin of a kind, with the other options that a spec takes there. */
export type SpecOf<K extends PluginKind, More = unknown> = {
  [I in IdOf<K>]: { readonly use: I } & PluginOptions[I] & Omit<More, keyof PluginOptions[I]>;
}[IdOf<K>];

/** Options that every optimizer takes, once, at any level. */
export interface SharedSettings<Base = BaseSpec> {
  /**
   * The optimizer that takes the step: a spec; or, in code, the result of a base's factory, which then belongs to this
   * optimizer; or any other `tf.Optimizer`, which still belongs to the caller.
   */
  readonly base?: Base | tf.Optimizer;
  /** Scales the final gradient down to this norm. Default: none. */
  readonly clipNorm?: number;
  /**
   * Subtracts from each kernel's final gradient its mean over the inputs of each output, before clipping. Default:
   * false.
   */
  readonly centralize?: boolean;
  /**
   * Settings of groups of parameters: each parameter has to be in exactly one. Default: none.
   *
   * @example
   * ```ts fragment
   * const groups = [{ match: { role: 'normalization' }, rho: 0, learningRate: 0.1 }, {}]; // The second takes the rest.
   * ```
   */
  readonly groups?: readonly ParameterGroup[];
  /** Slow weights that follow those of the base, which then continues from them. Default: none. */
  readonly lookahead?: {
    /** Steps of the base for each step of the slow weights. Default: 5. */
    readonly steps?: number;
    /** How far the slow weights move towards the fast ones, from 0 to 1. Default: 0.5. */
    readonly alpha?: number;
  };
  /** An average of the weights, used in evaluation; it does not change training. Default: none. */
  readonly average?:
    | {
        readonly use: 'ema';
        /** The share of the old average that each step keeps. Default: 0.999. */
        readonly decay?: number;
      }
    | {
        readonly use: 'swa';
        /**
         * The first step (from 0) whose weights are averaged; below 1, a share of the run, which needs totalSteps.
         * Default: 0.75.
         */
        readonly start?: number;
        /** From there on, every n-th step is averaged. Default: 1. */
        readonly every?: number;
      };
  /** Cuts every pass of a step into this many micro-batches: the step of the whole batch in less memory. Default: 1. */
  readonly accumulate?: number;
  /** Refuses a non-finite loss or gradient before anything changes; reads one scalar per step. Default: false. */
  readonly guard?: boolean;
  /** Fixes every random number of the optimizer. Default: 0. */
  readonly seed?: number;
}

/** Options that every variant takes in addition to its own: when it perturbs, and in how many parts of the batch. */
export interface VariantSettings {
  /** Perturbs every n-th step, beginning with the first step of the window. Default: 1. */
  readonly every?: number;
  /** The first step that perturbs. Default: 0. */
  readonly start?: number;
  /** The first step that no longer perturbs. Default: none. */
  readonly end?: number;
  /**
   * m-sharpness: the batch is cut into this many parts, each takes its own step of the variant, and these are averaged.
   * Default: 1.
   */
  readonly microBatches?: number;
  /**
   * spectral: the perturbation of each layer has the length rho sqrt(fan out / fan in), so that rho means the same in
   * networks of any width. Default: the variant's own, one norm over all weights.
   */
  readonly layerScales?: 'spectral';
}

/** Options that every meta takes in addition to its own. */
export interface MetaSettings extends SharedSettings {
  /** What it wraps: a variant, or another meta. Default: `{ use: 'sam' }`. */
  readonly inner?: VariantSpec | MetaSpec | tf.Optimizer;
  /** rho of the variant inside, or the starting value of LETS. */
  readonly rho?: Schedule;
}

/** The spec of an optimizer that takes the steps: `{ use: 'momentum', learningRate: 0.1, momentum: 0.9 }`. */
export type BaseSpec = SpecOf<'base'>;
/** The spec of a variant. */
export type VariantSpec = SpecOf<'variant', SharedSettings & VariantSettings>;
/** The spec of a meta, such as a gate or LETS. */
export type MetaSpec = SpecOf<'meta', MetaSettings>;
/** What `createOptimizer` takes: a variant or a meta over a base, or a base alone. */
export type OptimizerSpec = VariantSpec | MetaSpec | SpecOf<'base', Omit<SharedSettings, 'base'>>;
/** What `createDataSet` takes. */
export type DataSetSpec = SpecOf<'dataset'>;
/** What `createModel` and `loadModel` take. */
export type ModelSpec = SpecOf<'model'>;

/** Whether some level of a spec names its plugin by a `string` that TypeScript does not know. */
export type HasUnknown<S> = S extends { readonly use: infer U }
  ? string extends U
    ? true
    : HasUnknownIn<S, 'inner'> extends true
      ? true
      : HasUnknownIn<S, 'base'>
  : false;
export type HasUnknownIn<S, K extends string> = S extends { readonly [key in K]: infer Level }
  ? HasUnknown<Level>
  : false;

/**
 * A spec in which some `use` is an arbitrary string, such as `{ use: 'mine' as string }` or a parsed config: it is
 * checked when it is used, not by TypeScript.
 */
export type UncheckedSpec<S> = HasUnknown<S> extends true ? S : never;
