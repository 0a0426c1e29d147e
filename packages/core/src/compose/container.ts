import type * as tf from '@tensorflow/tfjs-core';
import 'reflect-metadata';
import { Container, type ContainerModule, inject, injectable, multiInject } from 'inversify';
import { builtInBases } from './builtInBases.js';
import { Composer } from './composer.js';
import { setContainer } from '../optimizer/currentContainer.js';
import type { DataSet } from '../contracts/dataset.js';
import { FlatminError, isFlatminError, type Problem, problemsError, show, throwProblems } from '../errors/errors.js';
import type { Model, ModelContext } from '../contracts/model.js';
import type { SharpnessAwareOptimizer } from '../optimizer/optimizer.js';
import { parseOptions } from '../plugin/options.js';
import type { Plugin } from '../plugin/plugin.js';
import { dataSetOf, loadedProductOf, productOf } from '../plugin/create.js';
import type { OptimizerContext } from '../step/setup.js';
import { registerOptimizer } from '../optimizer/registerOptimizer.js';
import { Registry } from '../plugin/registry.js';
import { defaultServices, type Logger, type RandomSource, systemClock, tokens } from '../contracts/services.js';
import type { DataSetSpec, ModelSpec, OptimizerSpec, UncheckedSpec } from '../plugin/pluginOptions.js';
import { readSpec, type Spec } from '../plugin/spec.js';
import type {} from './specOptions.js';

@injectable()
class PluginRegistry extends Registry {
  constructor(@multiInject(tokens.Plugin) plugins: unknown[]) {
    super();
    for (const plugin of plugins) this.register(plugin);
    this.freeze();
  }
}

@injectable()
class SpecComposer extends Composer {
  constructor(
    @inject(tokens.Registry) registry: Registry,
    @inject(tokens.Logger) logger: Logger,
    @inject(tokens.RandomSource) randomSource: RandomSource,
  ) {
    super(registry, { logger, randomSource });
  }
}

export interface ContainerOptions {
  /** Plugins of every kind; TF.js's own optimizers are always there. */
  readonly plugins?: readonly unknown[];
  /** Modules that add bindings or replace core's services, loaded in order. */
  readonly modules?: readonly ContainerModule[];
}

/** A frozen set of plugins and services: the composition root. */
export class FlatminContainer {
  readonly #registry: Registry;
  readonly #composer: Composer;
  readonly #container: Container;

  constructor(container: Container) {
    this.#container = container;
    this.#registry = container.get<Registry>(tokens.Registry);
    this.#composer = container.get<Composer>(tokens.Composer);
  }

  /** The service of a token of `tokens`. */
  get<T>(token: symbol): T {
    return this.#container.get<T>(token);
  }

  /**
   * The same, or undefined if nothing is bound to the token, such as `tokens.CheckpointStorage` unless a module binds
   * one.
   */
  find<T>(token: symbol): T | undefined {
    return this.#container.isBound(token) ? this.#container.get<T>(token) : undefined;
  }

  /** Every registered plugin, by kind and id. */
  plugins(): readonly Plugin[] {
    return this.#registry.list();
  }

  /** The optimizer of a spec, or one error with every problem of it; creates nothing when there is one. */
  createOptimizer(spec: OptimizerSpec, context?: OptimizerContext): SharpnessAwareOptimizer;
  createOptimizer<const S extends Spec = Spec>(
    spec: UncheckedSpec<S>,
    context?: OptimizerContext,
  ): SharpnessAwareOptimizer;
  createOptimizer(spec: unknown, context: OptimizerContext = {}): SharpnessAwareOptimizer {
    return this.#composer.optimizer(spec, context);
  }

  /** The data set of a spec such as `{ use: 'mnist1d' }`. */
  createDataSet(spec: DataSetSpec): Promise<DataSet>;
  createDataSet<const S extends Spec = Spec>(spec: UncheckedSpec<S>): Promise<DataSet>;
  async createDataSet(spec: unknown): Promise<DataSet> {
    const { plugin, options } = this.#parsed(spec, 'dataset');
    return dataSetOf(plugin, options);
  }

  /**
   * The model of a spec such as `{ use: 'mlp', hidden: [100] }`; for a model that is read from files, see {@link
   * loadModel}.
   */
  createModel(spec: ModelSpec, context: ModelContext): Model<tf.Tensor>;
  createModel<const S extends Spec = Spec>(spec: UncheckedSpec<S>, context: ModelContext): Model<tf.Tensor>;
  createModel(spec: unknown, context: ModelContext): Model<tf.Tensor> {
    const { plugin, options } = this.#parsed(spec, 'model');
    return productOf(plugin, options, context);
  }

  /**
   * The same for any model, including one that is loaded asynchronously, such as
   * `{ use: 'layers', path: 'model.json' }`.
   */
  loadModel(spec: ModelSpec, context: ModelContext): Promise<Model<tf.Tensor>>;
  loadModel<const S extends Spec = Spec>(spec: UncheckedSpec<S>, context: ModelContext): Promise<Model<tf.Tensor>>;
  async loadModel(spec: unknown, context: ModelContext): Promise<Model<tf.Tensor>> {
    const { plugin, options } = this.#parsed(spec, 'model');
    return plugin.load === undefined ? productOf(plugin, options, context) : loadedProductOf(plugin, options, context);
  }

  /** What is wrong with a spec, for a caller that collects problems of several. */
  problems(kind: 'optimizer' | 'dataset' | 'model', spec: unknown, context: OptimizerContext = {}): readonly Problem[] {
    if (kind === 'optimizer') return this.#composer.problems(spec, context);
    try {
      this.#parsed(spec, kind);
      return [];
    } catch (error) {
      if (!isFlatminError(error)) throw error;
      if (error.problems.length > 0) return error.problems;
      const { message, code } = error;
      return [{ path: 'use', value: (spec as Spec).use, message, remedy: '', code }];
    }
  }

  #parsed<K extends 'dataset' | 'model'>(spec: unknown, kind: K): { plugin: Plugin<K>; options: unknown } {
    const what = `the ${kind} spec`;
    const named = readSpec(spec);
    if (named === undefined) {
      const remedy = 'Write { use: "id", ...options }.';
      throw problemsError([{ path: '', value: spec, message: 'this is not a spec', remedy }], what);
    }
    const plugin = this.#registry.get(named.use, kind);
    const { options, problems } = parseOptions(plugin, named.given, '');
    throwProblems(problems, what);
    return { plugin, options };
  }
}

/**
 * Builds and freezes a container.
 *
 * @throws FlatminError that names the plugin if it is not valid (PLUGIN_INVALID), was made for another API version
 *   (PLUGIN_API_VERSION) or has an id that is taken (PLUGIN_DUPLICATE), or the service that cannot be built
 *   (PLUGIN_MISSING_DEPENDENCY).
 * @example
 * ```ts
 * const container = createContainer({ plugins: [sam, asam, lets] });
 * const optimizer = container.createOptimizer({ use: 'asam', base: { use: 'sgd', learningRate: 0.1 } });
 * ```
 */
export function createContainer({ plugins = [], modules = [] }: ContainerOptions = {}): FlatminContainer {
  const container = new Container({ defaultScope: 'Singleton' });
  for (const plugin of [...builtInBases, ...plugins]) container.bind(tokens.Plugin).toConstantValue(plugin);
  container.bind(tokens.Logger).toConstantValue(defaultServices.logger);
  container.bind(tokens.RandomSource).toConstantValue(defaultServices.randomSource);
  container.bind(tokens.Clock).toConstantValue(systemClock);
  container.bind(tokens.Registry).to(PluginRegistry);
  container.bind(tokens.Composer).to(SpecComposer);
  try {
    for (const module of modules) container.load(module);
    return new FlatminContainer(container);
  } catch (error) {
    if (isFlatminError(error)) throw error;
    throw new FlatminError(
      'PLUGIN_MISSING_DEPENDENCY',
      `the container cannot be built: ${error instanceof Error ? error.message : show(error)}. Bind what a module needs.`,
      { cause: error },
    );
  }
}

/** Makes TF.js load saved optimizers through this container. */
export function useContainer(container: FlatminContainer): void {
  setContainer(container);
  registerOptimizer();
}
