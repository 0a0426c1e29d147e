import { checkedContext } from './contextChecks.js';
import { type Caution, scheduleCaution, windowCaution } from './cautions.js';
import { refuseOtherCopy } from '../errors/duplicateCore.js';
import { FlatminError, isFlatminError, throwProblems } from '../errors/errors.js';
import type { LossFunction } from '../loss/loss.js';
import { inParts } from '../variant/mSharpness.js';
import { SharpnessAwareOptimizer } from '../optimizer/optimizer.js';
import { validated } from '../errors/issues.js';
import { sharedOptions, variantOptions } from '../plugin/levelOptions.js';
import { joinPath, parseOptions } from '../plugin/options.js';
import { baseMissing } from '../optimizer/optimizerChecks.js';
import { variantOf } from '../plugin/checkedVariant.js';
import type { ParameterRole, ParameterRoles } from '../variant/parameters.js';
import { plainSpec } from '../plugin/plainSpec.js';
import type { MetaContext, Plugin } from '../plugin/plugin.js';
import { ProblemList } from '../errors/problemList.js';
import type { Spec } from '../step/setup.js';
import type { Registry } from '../plugin/registry.js';
import { needsTotalSteps, type RadiusSpec, radiusSchema } from '../variant/schedule.js';
import { placeIn } from '../plugin/optionPlaces.js';
import { parseVariantSettings, SharedOptions } from './sharedOptions.js';
import type { SharpnessVariant } from '../variant/variant.js';
import { plain, type Window, windowed } from '../variant/window.js';

/** What a spec cannot hold. Undefined is absent; what is not needed is ignored. */
export interface OptimizerContext {
  /** The held-out loss of LETS. */
  readonly validationLoss?: LossFunction | undefined;
  /** The number of steps of the run, for schedules and gates that need it. */
  readonly totalSteps?: number | undefined;
  /** Roles of variables by name; they override what names and shapes suggest. */
  readonly parameters?: ParameterRoles | readonly { readonly name: string; readonly role: ParameterRole }[] | undefined;
  /** True where nothing is attached later: what needs more than this context has is refused now, and not at its first step. */
  readonly complete?: boolean | undefined;
}

/** A level of a spec, composed: a variant with its radius. */
export interface Level {
  readonly variant: SharpnessVariant<unknown>;
  readonly radius?: RadiusSpec;
  readonly givenRadius?: unknown;
  readonly spec: Spec;
}

/** One composition: collects what is wrong, and what is shared between levels. */
export class Composition {
  readonly problems = new ProblemList();
  readonly shared = new SharedOptions(this.problems);
  readonly absorbed: SharpnessAwareOptimizer[] = [];
  /** What is valid and does nothing in this run, a line each. */
  readonly cautions: string[] = [];
  readonly #registry: Registry;
  #isRead = true;
  /** The context, without what is wrong in it. */
  readonly context: OptimizerContext;

  constructor(registry: Registry, context: unknown) {
    this.#registry = registry;
    this.context = checkedContext(context, this.problems);
  }

  /** The outermost level. A spec is read once; one that cannot be read has nothing else to say. */
  top(spec: unknown): Level | undefined {
    const before = this.problems.all.length;
    const read = plainSpec(spec, this.problems);
    this.#isRead = this.problems.all.length === before;
    return this.#isRead ? this.level(read, '') : undefined;
  }

  /** Notes that nothing takes the steps, where a variant is meant; not beside an error whose code says more. */
  requireBase(spec: unknown): void {
    if (this.problems.hasNamed || !this.#isRead) return;
    const kind = spec instanceof SharpnessAwareOptimizer ? 'variant' : this.#kindOf(spec);
    if (this.shared.given.base !== undefined || (kind !== 'variant' && kind !== 'meta')) return;
    this.problems.addNamed(baseMissing(nameOfSpec(spec)), 'base', undefined);
  }

  #kindOf(spec: unknown): Plugin['kind'] | undefined {
    return this.#registry.find(nameOfSpec(spec))?.kind;
  }

  plugin(use: string, path: string): Plugin | undefined {
    try {
      return this.#registry.get(use, 'variant', 'meta', 'base');
    } catch (error) {
      if (!isFlatminError(error)) throw error;
      return this.problems.addNamed(error, joinPath(path, 'use'), use);
    }
  }

  level(input: unknown, path: string): Level | undefined {
    if (input instanceof SharpnessAwareOptimizer) return this.#absorb(input, path);
    if (typeof input !== 'object' || input === null || typeof (input as Partial<Spec>).use !== 'string') {
      return this.problems.add(
        path,
        input,
        'this is no spec',
        'Write { use: "sam", rho: 0.05, base: { use: "sgd", learningRate: 0.1 } }.',
      );
    }
    const { use, ...given } = withoutUndefined(input as Spec);
    const plugin = this.plugin(use, path);
    for (const key of sharedOptions) {
      if (!(key in given) || (key === 'base' && plugin?.kind === 'base')) continue;
      this.shared.take(key, given[key], joinPath(path, key));
      delete given[key];
    }
    if (plugin === undefined) return undefined;
    if (plugin.kind === 'base') return this.#base(plugin, { use, ...given }, path);
    return plugin.kind === 'variant' ? this.#variant(plugin, given, path) : this.#meta(plugin, given, path);
  }

  /** An optimizer made in code is taken apart: its variant becomes the inner one, what it shares is shared. */
  #absorb(optimizer: SharpnessAwareOptimizer, path: string): Level {
    refuseOtherCopy(optimizer, `the optimizer at ${path}`);
    const { variant, radius, givenRadius, spec, base } = optimizer.recipe;
    if (base !== undefined) this.shared.take('base', optimizer, joinPath(path, 'base'));
    this.absorbShared(optimizer, path);
    return {
      variant,
      ...(radius === undefined ? {} : { radius }),
      ...(givenRadius === undefined ? {} : { givenRadius }),
      spec: withoutShared(spec),
    };
  }

  /** An optimizer made in code hands over what stands once, but for its base. */
  absorbShared(optimizer: SharpnessAwareOptimizer, path: string): void {
    const { spec, clipNorm } = optimizer.recipe;
    this.absorbed.push(optimizer);
    if (clipNorm !== undefined) this.shared.take('clipNorm', clipNorm, joinPath(path, 'clipNorm'));
    for (const key of ['accumulate', 'guard', 'seed'] as const) {
      if (spec[key] !== undefined) this.shared.take(key, spec[key], joinPath(path, key));
    }
  }

  /** A base alone: the plain step. */
  #base(_plugin: Plugin, spec: Spec, path: string): Level | undefined {
    if (path !== '')
      return this.problems.add(
        path,
        spec.use,
        'a base cannot be wrapped',
        'Wrap a variant: { use: "sam", base: { ... } }.',
      );
    this.shared.take('base', spec, '(top)');
    return { variant: plain, spec: { use: 'base' } };
  }

  #variant(plugin: Plugin, given: Record<string, unknown>, path: string): Level | undefined {
    const common: Record<string, unknown> = {};
    for (const key of variantOptions) {
      if (key in given) common[key] = given[key];
      delete given[key];
    }
    const place = placeIn(this.#registry, plugin, { base: this.shared.given.base?.value });
    const { options, problems } = parseOptions(plugin, given, path, place);
    this.problems.all.push(...problems);
    const settings = parseVariantSettings(common, path, this.problems);
    if (problems.length > 0 || settings === undefined) return undefined;
    const { microBatches = 1, ...window } = settings;
    const make = (): SharpnessVariant<unknown> =>
      inParts(variantOf(plugin as Plugin<'variant'>, options, undefined), microBatches);
    const variant = this.#create(make, plugin.id, path);
    if (variant === undefined) return undefined;
    const name = plugin.radiusOption ?? 'rho';
    this.#caution((totalSteps) => windowCaution(window as Window, totalSteps, joinPath(path, 'start')));
    const found = this.#radius(variant, (options as Record<string, unknown>)[name], joinPath(path, name));
    const spec: Spec = { use: plugin.id, ...given, ...common };
    const level = { variant: windowed(variant, { ...(window as Window), ...found.window }), spec };
    return {
      ...level,
      ...(found.radius === undefined ? {} : { radius: found.radius }),
      ...(name in given ? { givenRadius: given[name] } : {}),
    };
  }

  #radius(variant: SharpnessVariant<unknown>, value: unknown, path: string): { radius?: RadiusSpec; window?: Window } {
    if (variant.radius === 'none') return {};
    const { output: radius, problems } = validated(radiusSchema, value, { name: 'rho' });
    this.problems.addAll(problems, path);
    if (radius === undefined) return {};
    if (needsTotalSteps(radius) && this.context.totalSteps === undefined) {
      const text = `the schedule at ${path} needs the number of steps. Give it steps, or totalSteps in the context of createOptimizer.`;
      this.problems.addNamed(new FlatminError('TOTAL_STEPS_MISSING', text), path, value);
      return {};
    }
    this.#caution((totalSteps) => scheduleCaution(radius, totalSteps, path));
    if (typeof radius === 'number' || radius.schedule !== 'window') return { radius };
    const { start, end } = radius;
    this.#caution((totalSteps) => windowCaution({ start }, totalSteps, joinPath(path, 'start')));
    return { radius, window: { start, ...(end === undefined ? {} : { end }) } };
  }

  #meta(plugin: Plugin, given: Record<string, unknown>, path: string): Level | undefined {
    const { inner = { use: 'sam' }, rho, ...own } = given;
    const isSpec = !(inner instanceof SharpnessAwareOptimizer);
    if (rho !== undefined && (!isSpec || (inner as Partial<Spec>).rho !== undefined)) {
      this.problems.add(joinPath(path, 'rho'), rho, 'rho stands in inner already', 'Give rho once.');
    }
    const nested = rho === undefined || !isSpec ? inner : { ...(inner as Spec), rho };
    const level = this.level(nested, joinPath(path, 'inner'));
    const place = placeIn(this.#registry, plugin, { base: this.shared.given.base?.value, inner });
    const { options, problems } = parseOptions(plugin, own, path, place);
    this.problems.all.push(...problems);
    if (level === undefined || problems.length > 0) return undefined;
    const context = {
      ...this.#metaContext(level.variant),
      ...(level.givenRadius === undefined ? {} : { givenRadius: level.givenRadius }),
    };
    const variant = this.#create(() => variantOf(plugin as Plugin<'meta'>, options, context), plugin.id, path);
    if (variant === undefined) return undefined;
    return { ...level, variant, spec: { use: plugin.id, ...own, inner: level.spec } };
  }

  #metaContext(inner: SharpnessVariant<unknown>): MetaContext {
    const { complete, totalSteps, validationLoss } = this.context;
    return {
      inner,
      caution: (message) => void this.cautions.push(message),
      ...(complete === undefined ? {} : { complete }),
      ...(validationLoss === undefined ? {} : { validationLoss }),
      ...(totalSteps === undefined ? {} : { totalSteps }),
      wrap: ({ use, ...given }, around) => {
        const plugin = this.#registry.get(use, 'meta');
        const { options, problems } = parseOptions(plugin, given, '');
        throwProblems(problems, use);
        return variantOf(plugin, options, this.#metaContext(around));
      },
    };
  }

  /** Notes what a setting would not do, where the length of the run is known. */
  #caution(of: (totalSteps: number) => Caution): void {
    const { totalSteps } = this.context;
    const caution = totalSteps === undefined ? undefined : of(totalSteps);
    if (caution !== undefined) this.cautions.push(caution);
  }

  /** Runs a plugin's `create`, whose own problems join the others. */
  #create<T>(make: () => T, use: string, path: string): T | undefined {
    try {
      return make();
    } catch (error) {
      if (!isFlatminError(error)) throw error;
      if (error.problems.length === 0) return this.problems.addNamed(error, path, use);
      this.problems.addAll(error.problems, path);
      return undefined;
    }
  }
}

/** The plugin that a spec or an optimizer names. */
function nameOfSpec(spec: unknown): string {
  if (spec instanceof SharpnessAwareOptimizer) return spec.recipe.variant.id;
  const { use } = (spec ?? {}) as { readonly use?: unknown };
  return typeof use === 'string' ? use : '';
}

/** A spec without what stands once at any level. */
export function withoutShared(spec: Spec): Spec {
  const kept = Object.entries(spec).filter(([key]) => !(sharedOptions as readonly string[]).includes(key));
  return Object.fromEntries(kept) as Spec;
}

/** A spec's options without `use`'s undefined ones: undefined is absent. */
export function withoutUndefined(spec: Spec): Record<string, unknown> & { use: string } {
  return Object.fromEntries(Object.entries(spec).filter(([, value]) => value !== undefined)) as Record<
    string,
    unknown
  > & {
    use: string;
  };
}
