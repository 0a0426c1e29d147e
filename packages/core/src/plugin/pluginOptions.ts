import type { ParameterGroup } from '../variant/parameterGroups.js';
import type * as tf from '@tensorflow/tfjs-core';
import type { Schedule } from '../variant/scheduleOptions.js';
import type { PluginKind } from './plugin.js';

/**
 * The options of each plugin by its id: what the editor knows of `{ use: 'sam', ... }`. A package adds its own:
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

/** `{ use, ...options }` of any plugin of a kind, with what a spec takes there besides. */
export type SpecOf<K extends PluginKind, More = unknown> = {
  [I in IdOf<K>]: { readonly use: I } & PluginOptions[I] & Omit<More, keyof PluginOptions[I]>;
}[IdOf<K>];

/** Options that every optimizer takes, once, at whatever level. */
export interface SharedSettings<Base = BaseSpec> {
  /**
   * The optimizer under the step: a spec, or in code what a base's factory gives, which hands itself over, or any other
   * `tf.Optimizer`, which then belongs to the caller.
   */
  readonly base?: Base | tf.Optimizer;
  /** Scales the final gradient down to this norm. Default: none. */
  readonly clipNorm?: number;
  /**
   * Takes from each kernel's final gradient its mean over the inputs of each output, before it is clipped. Default:
   * false.
   */
  readonly centralize?: boolean;
  /**
   * Settings of groups of parameters: each parameter has to be in one. Default: none.
   *
   * @example
   * ```ts fragment
   * const groups = [{ match: { role: 'normalization' }, rho: 0, learningRate: 0.1 }, {}]; // The second takes the rest.
   * ```
   */
  readonly groups?: readonly ParameterGroup[];
  /** Slow weights that follow those of the base, which then start again from them. Default: none. */
  readonly lookahead?: {
    /** Steps of the base between two of the slow weights. Default: 5. */
    readonly steps?: number;
    /** How far the slow weights go towards the fast ones. Default: 0.5. */
    readonly alpha?: number;
  };
  /** An average of the weights to evaluate with; training does not change by it. Default: none. */
  readonly average?:
    | {
        readonly use: 'ema';
        /** How much of the average stays at a step. Default: 0.999. */
        readonly decay?: number;
      }
    | {
        readonly use: 'swa';
        /**
         * The first step whose weights count, from 0; below 1 a share of the run, which needs totalSteps. Default:
         * 0.75.
         */
        readonly start?: number;
        /** Every how many steps they count from there on. Default: 1. */
        readonly every?: number;
      };
  /** Cuts every pass of a step in this many micro-batches: the step of the whole batch in less memory. Default: 1. */
  readonly accumulate?: number;
  /** Refuses a non-finite loss or gradient before anything changes; reads one scalar a step. Default: false. */
  readonly guard?: boolean;
  /** Fixes every random number of the optimizer. Default: 0. */
  readonly seed?: number;
}

/** What every variant takes beside its own options: when it perturbs, and in how many parts of the batch. */
export interface VariantSettings {
  /** Perturbs each n-th step, the first of the window first. Default: 1. */
  readonly every?: number;
  /** The first step that perturbs. Default: 0. */
  readonly start?: number;
  /** The first step that no longer does. Default: none. */
  readonly end?: number;
  /**
   * m-sharpness: that many parts of the batch, each with its own step of the variant, which are averaged. Default: 1.
   */
  readonly microBatches?: number;
  /**
   * spectral: the perturbation of each layer is as long as rho sqrt(fan out / fan in), so that rho means the same in
   * nets of any width. Default: as the variant has it, one norm over all weights.
   */
  readonly layerScales?: 'spectral';
}

/** What every meta takes beside its own options. */
export interface MetaSettings extends SharedSettings {
  /** What it wraps: a variant, or another meta. Default: `{ use: 'sam' }`. */
  readonly inner?: VariantSpec | MetaSpec | tf.Optimizer;
  /** rho of what is inside, or where LETS starts from. */
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
 * A spec in which `use` is any string somewhere, as `{ use: 'mine' as string }` or a parsed config: it is checked when
 * it is used, and not by TypeScript.
 */
export type UncheckedSpec<S> = HasUnknown<S> extends true ? S : never;
