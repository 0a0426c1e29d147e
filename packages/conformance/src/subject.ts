import {
  createContainer,
  type FlatminContainer,
  type OptimizerContext,
  type SharpnessAwareOptimizer,
  type Spec,
} from '@flatmin/core';
import type { Plugin, SharpnessVariant } from '@flatmin/core/plugin';
import type { EvaluationCase, Options, VariantCases } from './cases.js';
import type { LetsAdapter, VariantPlugin, VariantSetup } from './setup.js';

/** Bases that most checks run under, where the cases name none; C8 takes all that TF.js has. */
const commonBases: readonly Spec[] = [
  { use: 'sgd', learningRate: 0.1 },
  { use: 'momentum', learningRate: 0.05, momentum: 0.9 },
  { use: 'adam', learningRate: 0.01 },
];

/** What every optimizer of the kit is told of its run. */
const totalSteps = 12;

/** A plugin under test, with everything needed to make optimizers of it. */
export class Subject {
  readonly plugin: VariantPlugin;
  readonly setup: VariantSetup;
  readonly container: FlatminContainer;

  constructor(plugin: VariantPlugin, setup: VariantSetup) {
    this.plugin = plugin;
    this.setup = setup;
    const { lets, plugins = [] } = setup;
    const wrapper = isPlugin(lets) ? [lets] : [];
    // The caller may list the plugin itself, or LETS, among the others.
    this.container = createContainer({ plugins: [...new Set<unknown>([plugin, ...wrapper, ...plugins])] });
  }

  get cases(): VariantCases {
    return this.setup.cases;
  }

  /** The options of every check. */
  get options(): Options {
    return this.cases.options ?? {};
  }

  /** The bases of most checks. */
  get bases(): readonly Spec[] {
    return this.setup.cases.bases ?? commonBases;
  }

  /** The base of checks that need only one. */
  get plainBase(): Spec {
    return this.bases[0] as Spec;
  }

  /**
   * The first base that LETS differentiates as it is: the last gradient enters its step times the learning rate, and
   * nothing else.
   */
  get linearBase(): Spec | undefined {
    return this.bases.find(({ use, useNesterov }) => use === 'sgd' || (use === 'momentum' && useNesterov !== true));
  }

  /** The spec of the plugin over a base; `options` stand over those of every check. */
  spec(base: unknown, options: Options = {}): Spec {
    return { use: this.plugin.id, ...this.options, ...options, base };
  }

  /** The optimizer of the plugin over a base. */
  create(base: unknown, context: OptimizerContext, options: Options = {}): SharpnessAwareOptimizer {
    return this.from(this.spec(base, options), context);
  }

  /** The optimizer of any spec. */
  from(spec: Spec, context: OptimizerContext): SharpnessAwareOptimizer {
    return this.container.createOptimizer(spec, { totalSteps, ...context });
  }

  /** True where rho enters the plugin's steps at all. */
  hasRadius(context: OptimizerContext): boolean {
    return this.#variant(context).radius !== 'none';
  }

  /** True where LETS has a radius to learn: one that enters the steps, and that the plugin does not move itself. */
  isLearnable(context: OptimizerContext): boolean {
    const { learnedRadius, radius } = this.#variant(context);
    return radius !== 'none' && learnedRadius === undefined;
  }

  /** The curvatures of LETS that hold for the plugin; undefined: all. */
  curvatures(context: OptimizerContext): readonly string[] | undefined {
    return this.#variant(context).curvatures;
  }

  #variant(context: OptimizerContext): SharpnessVariant<unknown> {
    const optimizer = this.create(this.plainBase, context);
    optimizer.dispose();
    return optimizer.setup.variant;
  }

  /** The options that set rho: the plugin's own, or, of a gate, those of what it wraps. */
  radiusOptions(value: number): Options {
    const { kind, radiusOption = 'rho' } = this.plugin as Plugin;
    if (kind === 'variant') return { [radiusOption]: value };
    return this.#innerRadius(this.options, value);
  }

  #innerRadius(options: Options, value: number): Options {
    const { inner } = options as { inner?: Spec };
    if (inner === undefined) return { rho: value };
    const plugin = this.container.plugins().find(({ id }) => id === inner.use);
    if (plugin?.kind === 'meta') return { inner: { ...inner, ...this.#innerRadius(inner, value) } };
    return { inner: { ...inner, [plugin?.radiusOption ?? 'rho']: value } };
  }

  /** The documented costs, the single number written out. */
  evaluations(): readonly EvaluationCase[] {
    const { gradientEvaluations } = this.cases;
    if (typeof gradientEvaluations !== 'number') return gradientEvaluations;
    return [{ perStep: Array.from({ length: 4 }, () => gradientEvaluations) }];
  }
}

/** True where LETS was given as a plugin. */
export function isPlugin(lets: LetsAdapter | undefined): lets is Plugin<'meta'> {
  return typeof lets === 'object';
}
