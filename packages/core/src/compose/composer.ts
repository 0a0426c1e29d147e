import * as tf from '@tensorflow/tfjs-core';
import { BuiltInBase, isBuiltIn } from '../base/builtIn.js';
import type { BaseOptimizer } from '../base/contract.js';
import { ForeignBase } from '../base/foreign.js';
import { Composition, type Level, type OptimizerContext, withoutShared, withoutUndefined } from './composition.js';
import { refuseOtherCopy } from '../errors/duplicateCore.js';
import type { Problem } from '../errors/errors.js';
import { SharpnessAwareOptimizer } from '../optimizer/optimizer.js';
import { joinPath, parseOptions } from '../plugin/options.js';
import type { ParameterRole, ParameterRoles } from '../variant/parameters.js';
import type { Plugin } from '../plugin/plugin.js';
import { productOf } from '../plugin/create.js';
import type { Recipe, Spec } from '../step/setup.js';
import type { Registry } from '../plugin/registry.js';
import { defaultServices, type Services } from '../contracts/services.js';
import { plain } from '../variant/window.js';

/** Turns specs into optimizers: validates all of a spec before it creates anything. */
export class Composer {
  readonly #registry: Registry;
  readonly #services: Services;

  constructor(registry: Registry, services: Services = defaultServices) {
    this.#registry = registry;
    this.#services = services;
  }

  /** The optimizer of a spec, or one error with every problem of it. */
  optimizer(spec: unknown, context: OptimizerContext = {}): SharpnessAwareOptimizer {
    return new SharpnessAwareOptimizer(this.#compose(spec, context, true));
  }

  /** The same of what may lack a base: in code it can be wrapped by another one that has a base. */
  wrappable(spec: unknown, context: OptimizerContext = {}): SharpnessAwareOptimizer {
    return new SharpnessAwareOptimizer(this.#compose(spec, context, false));
  }

  /** What is wrong with an optimizer spec, without creating anything that lasts. */
  problems(spec: unknown, context: OptimizerContext = {}): readonly Problem[] {
    const composition = new Composition(this.#registry, context);
    composition.top(spec);
    composition.requireBase(spec);
    this.#parseBase(composition);
    return composition.problems.all;
  }

  #compose(spec: unknown, given: OptimizerContext, isWhole: boolean): Recipe {
    const composition = new Composition(this.#registry, given);
    const { context } = composition;
    const level = composition.top(spec);
    if (isWhole) composition.requireBase(spec);
    const makeBase = this.#parseBase(composition);
    composition.problems.throwAll('the optimizer spec');
    for (const caution of composition.cautions) this.#services.logger.warn(caution);
    const { base, codeOnly } = makeBase?.() ?? {};
    const { given: shared } = composition.shared;
    const settings = composition.shared.settings();
    const absorbed = composition.absorbed.map((optimizer) => optimizer.retire('was wrapped by another one'));
    const { variant, spec: written, ...radius } = level as Level;
    const baseSpec = codeOnly === undefined && shared.base !== undefined ? specOfBase(shared.base.value) : undefined;
    return {
      ...this.#services,
      variant,
      ...radius,
      ...(base === undefined ? {} : { base }),
      accumulate: 1,
      guard: false,
      seed: 0,
      ...settings,
      ...(context.totalSteps === undefined ? pickTotalSteps(absorbed) : { totalSteps: context.totalSteps }),
      roles: { ...absorbed[0]?.roles, ...rolesOf(context.parameters) },
      spec:
        variant === plain
          ? { ...(baseSpec as Spec), ...settings }
          : { ...written, ...settings, ...(baseSpec === undefined ? {} : { base: baseSpec }) },
      ...(codeOnly === undefined ? {} : { codeOnly }),
    };
  }

  /** Validates the shared base; what it returns creates it. */
  #parseBase(composition: Composition): (() => { base: BaseOptimizer; codeOnly?: string }) | undefined {
    const { base } = composition.shared.given;
    if (base === undefined) return undefined;
    const { value, path } = base;
    if (value instanceof SharpnessAwareOptimizer) refuseOtherCopy(value, `the base at ${path}`);
    // A base made in code, alone until now.
    if (
      value instanceof SharpnessAwareOptimizer &&
      value.recipe.variant === plain &&
      !composition.absorbed.includes(value)
    ) {
      composition.absorbShared(value, path);
    }
    if (value instanceof SharpnessAwareOptimizer && composition.absorbed.includes(value)) {
      const { recipe } = value;
      return () => ({
        base: recipe.base as BaseOptimizer,
        ...(recipe.codeOnly === undefined ? {} : { codeOnly: recipe.codeOnly }),
      });
    }
    if (value instanceof SharpnessAwareOptimizer) {
      return composition.problems.add(
        path,
        'a SharpnessAwareOptimizer',
        'a base cannot be sharpness-aware',
        'Use metas to nest variants.',
      );
    }
    if (typeof value === 'object' && value !== null && value instanceof tf.Optimizer) {
      const codeOnly = `a base passed as an object (${value.getClassName()})`;
      return () => ({ base: isBuiltIn(value) ? new BuiltInBase(value, false) : new ForeignBase(value), codeOnly });
    }
    if (typeof value !== 'object' || value === null || typeof (value as Partial<Spec>).use !== 'string') {
      return composition.problems.add(
        path,
        value,
        'this is no base',
        'Write { use: "momentum", learningRate: 0.1, momentum: 0.9 }, or pass a tf.Optimizer.',
      );
    }
    const { use, ...given } = withoutUndefined(value as Spec);
    const plugin = composition.plugin(use, path);
    if (plugin === undefined) return undefined;
    if (plugin.kind !== 'base')
      return composition.problems.add(
        joinPath(path, 'use'),
        use,
        `${use} is a ${plugin.kind}, no base`,
        'Use sgd, momentum, adam, ...',
      );
    const { options, problems } = parseOptions(plugin, given, path === '(top)' ? '' : path);
    composition.problems.all.push(...problems);
    return problems.length > 0 ? undefined : () => ({ base: productOf(plugin as Plugin<'base'>, options, undefined) });
  }
}

function specOfBase(value: unknown): Spec {
  if (!(value instanceof SharpnessAwareOptimizer)) return withoutUndefined(value as Spec);
  const { variant, spec } = value.recipe;
  return variant === plain ? withoutShared(spec) : (spec.base as Spec);
}

function pickTotalSteps(absorbed: readonly Recipe[]): { totalSteps?: number } {
  const totalSteps = absorbed.find((recipe) => recipe.totalSteps !== undefined)?.totalSteps;
  return totalSteps === undefined ? {} : { totalSteps };
}

function rolesOf(parameters: OptimizerContext['parameters']): ParameterRoles {
  if (parameters === undefined) return {};
  if (!Array.isArray(parameters)) return parameters as ParameterRoles;
  return Object.fromEntries(
    (parameters as readonly { name: string; role: ParameterRole }[]).map(({ name, role }) => [name, role]),
  );
}
