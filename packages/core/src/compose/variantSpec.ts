import { refuseOtherCopy } from '../errors/duplicateCore.js';
import { FlatminError, throwProblems } from '../errors/errors.js';
import { validated } from '../errors/issues.js';
import { SharpnessAwareOptimizer } from '../optimizer/optimizer.js';
import { variantOf } from '../plugin/checkedVariant.js';
import { sharedOptions, variantOptions, parseOptions, placeIn } from '../plugin/options.js';
import type { MetaContext, Plugin } from '../plugin/plugin.js';
import { readSpec, type Spec } from '../plugin/spec.js';
import { withLayerScales } from '../variant/layerScales.js';
import { inParts } from '../variant/mSharpness.js';
import { withGroupRadii } from '../variant/offsetScales.js';
import { needsTotalSteps, type ScheduleSpec, scheduleSchema } from '../variant/schedule.js';
import type { SharpnessVariant } from '../variant/variant.js';
import { plain, type Window, windowed } from '../variant/window.js';
import { scheduleCaution, windowCaution } from './cautions.js';
import type { Composition } from './composition.js';
import { parseVariantSettings } from './sharedOptions.js';
import { joinPath } from '../errors/problemList.js';

/** A level of a spec, composed: a variant with its radius. */
export interface Level {
  readonly variant: SharpnessVariant<unknown>;
  readonly radius?: ScheduleSpec;
  readonly givenRadius?: unknown;
  readonly spec: Spec;
}

/**
 * The variant that a spec, or a level of it at `path`, describes: of a variant itself, of a meta around what is inside
 * it, of an optimizer made in code. What stands once in a spec is taken out of it. Undefined, and the problems noted,
 * where something is wrong.
 */
export function levelOf(composition: Composition, input: unknown, path: string): Level | undefined {
  if (input instanceof SharpnessAwareOptimizer) return levelInCode(composition, input, path);
  const { problems, shared } = composition;
  const named = readSpec(input);
  if (named === undefined) {
    const remedy = 'Write { use: "sam", rho: 0.05, base: { use: "sgd", learningRate: 0.1 } }.';
    return problems.add(path, input, 'this is not a spec', remedy);
  }
  const { use, given } = named;
  const plugin = composition.plugin(use, path);
  for (const key of sharedOptions) {
    if (!(key in given) || (key === 'base' && plugin?.kind === 'base')) continue;
    if (key === 'groups' && plugin?.kind === 'meta' && typeof given.groups === 'string') continue; // Its own.
    shared.take(key, given[key], joinPath(path, key));
    delete given[key];
  }
  if (plugin === undefined) return undefined;
  if (plugin.kind === 'base') return levelOfBase(composition, { use, ...given }, path);
  return plugin.kind === 'variant'
    ? levelOfVariant(composition, plugin as unknown as Plugin<'variant'>, given, path)
    : levelOfMeta(composition, plugin as unknown as Plugin<'meta'>, given, path);
}

/** An optimizer made in code is taken apart: its variant becomes the inner one, what it shares is shared. */
function levelInCode(composition: Composition, optimizer: SharpnessAwareOptimizer, path: string): Level {
  refuseOtherCopy(optimizer, `the optimizer at ${path}`);
  const { variant, radius, givenRadius, spec, base } = optimizer.setup;
  if (base !== undefined) composition.shared.take('base', optimizer, joinPath(path, 'base'));
  const { hasGroupRadii } = composition.shared; // Its own groups it has already.
  composition.absorb(optimizer, path);
  return {
    variant: hasGroupRadii ? withGroupRadii(variant) : variant,
    ...(radius === undefined ? {} : { radius }),
    ...(givenRadius === undefined ? {} : { givenRadius }),
    spec: withoutShared(spec),
  };
}

/** A base alone: the plain step. */
function levelOfBase({ problems, shared }: Composition, spec: Spec, path: string): Level | undefined {
  if (path !== '') {
    const remedy = 'Wrap a variant: { use: "sam", base: { ... } }.';
    return problems.add(path, spec.use, 'a base cannot be wrapped', remedy);
  }
  shared.take('base', spec, '(top)');
  return { variant: plain, spec: { use: 'base' } };
}

function levelOfVariant(
  composition: Composition,
  plugin: Plugin<'variant'>,
  given: Record<string, unknown>,
  path: string,
): Level | undefined {
  const { problems: all, registry, shared } = composition;
  const common: Record<string, unknown> = {};
  for (const key of variantOptions) {
    if (key in given) common[key] = given[key];
    delete given[key];
  }
  const place = placeIn(registry, plugin, { base: shared.given.base?.value });
  const { options, problems } = parseOptions(plugin, given, path, place);
  all.all.push(...problems);
  const settings = parseVariantSettings(common, path, all);
  if (problems.length > 0 || settings === undefined) return undefined;
  const { microBatches = 1, layerScales, ...window } = settings;
  const make = (): SharpnessVariant<unknown> => {
    const scaled = withLayerScales(variantOf(plugin, options, undefined), layerScales);
    return inParts(shared.hasGroupRadii ? withGroupRadii(scaled) : scaled, microBatches);
  };
  const variant = composition.create(make, plugin.id, path);
  if (variant === undefined) return undefined;
  const name = plugin.radiusOption ?? 'rho';
  composition.caution((totalSteps) => windowCaution(window as Window, totalSteps, joinPath(path, 'start')));
  const found = radiusOf(composition, variant, (options as Record<string, unknown>)[name], joinPath(path, name));
  return {
    variant: windowed(variant, { ...(window as Window), ...found.window }),
    spec: { use: plugin.id, ...given, ...common },
    ...(found.radius === undefined ? {} : { radius: found.radius }),
    ...(name in given ? { givenRadius: given[name] } : {}),
  };
}

/** rho of a variant or its schedule, and the window that the schedule sets. */
function radiusOf(
  composition: Composition,
  variant: SharpnessVariant<unknown>,
  value: unknown,
  path: string,
): { radius?: ScheduleSpec; window?: Window } {
  if (variant.radius === 'none') return {};
  const { output: radius, problems } = validated(scheduleSchema, value, { name: 'rho' });
  composition.problems.addAll(problems, path);
  if (radius === undefined) return {};
  if (needsTotalSteps(radius) && composition.context.totalSteps === undefined) {
    const text = `the schedule at ${path} needs the number of steps. Give it steps, or totalSteps in the context of createOptimizer.`;
    composition.problems.addNamed(new FlatminError('TOTAL_STEPS_MISSING', text), path, value);
    return {};
  }
  composition.caution((totalSteps) => scheduleCaution(radius, totalSteps, path));
  if (typeof radius === 'number' || radius.schedule !== 'window') return { radius };
  const { start, end } = radius;
  composition.caution((totalSteps) => windowCaution({ start }, totalSteps, joinPath(path, 'start')));
  return { radius, window: { start, ...(end === undefined ? {} : { end }) } };
}

function levelOfMeta(
  composition: Composition,
  plugin: Plugin<'meta'>,
  given: Record<string, unknown>,
  path: string,
): Level | undefined {
  const { problems: all, registry, shared } = composition;
  const { inner = { use: 'sam' }, rho, ...own } = given;
  const isSpec = !(inner instanceof SharpnessAwareOptimizer);
  if (rho !== undefined && (!isSpec || (inner as Partial<Spec>).rho !== undefined)) {
    all.add(joinPath(path, 'rho'), rho, 'rho is already given in inner', 'Give rho once.');
  }
  const nested = rho === undefined || !isSpec ? inner : { ...(inner as Spec), rho };
  const level = levelOf(composition, nested, joinPath(path, 'inner'));
  const place = placeIn(registry, plugin, { base: shared.given.base?.value, inner });
  const { options, problems } = parseOptions(plugin, own, path, place);
  all.all.push(...problems);
  if (level === undefined || problems.length > 0) return undefined;
  const context = {
    ...metaContext(composition, level.variant),
    ...(level.givenRadius === undefined ? {} : { givenRadius: level.givenRadius }),
  };
  const variant = composition.create(() => variantOf(plugin, options, context), plugin.id, path);
  if (variant === undefined) return undefined;
  return { ...level, variant, spec: { use: plugin.id, ...own, inner: level.spec } };
}

function metaContext(composition: Composition, inner: SharpnessVariant<unknown>): MetaContext {
  const { complete, totalSteps, validationLoss } = composition.context;
  return {
    inner,
    caution: (message) => void composition.cautions.push(message),
    ...(complete === undefined ? {} : { complete }),
    ...(validationLoss === undefined ? {} : { validationLoss }),
    ...(totalSteps === undefined ? {} : { totalSteps }),
    wrap: ({ use, ...given }, around) => {
      const plugin = composition.registry.get(use, 'meta');
      const { options, problems } = parseOptions(plugin, given, '');
      throwProblems(problems, use);
      return variantOf(plugin, options, metaContext(composition, around));
    },
  };
}

/** A spec without what stands once at any level. */
export function withoutShared(spec: Spec): Spec {
  const kept = Object.entries(spec).filter(([key]) => !(sharedOptions as readonly string[]).includes(key));
  return Object.fromEntries(kept) as Spec;
}
