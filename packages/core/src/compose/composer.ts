import { defaultServices, type Services } from '../contracts/services.js';
import type { Problem } from '../errors/errors.js';
import { SharpnessAwareOptimizer } from '../optimizer/optimizer.js';
import { plainSpec } from '../plugin/spec.js';
import type { Registry } from '../plugin/registry.js';
import type { OptimizerContext, OptimizerSetup } from '../step/setup.js';
import type { ParameterRole, ParameterRoles } from '../variant/parameters.js';
import { plain } from '../variant/window.js';
import { aroundBase } from '../base/aroundBase.js';
import { baseOf, type MadeBase, requireBase, specOfBase } from './baseSpec.js';
import { Composition } from './composition.js';
import { levelDefaults } from './sharedOptions.js';
import { type Level, levelOf } from './variantSpec.js';

/** A spec as it was read: what is wrong is in the composition, and what it describes is made once nothing is. */
interface Reading {
  readonly composition: Composition;
  readonly level: Level | undefined;
  readonly makeBase: (() => MadeBase) | undefined;
}

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
    return new SharpnessAwareOptimizer(this.#compose(this.#read(spec, context, true)));
  }

  /** The same of what may lack a base: in code it can be wrapped by another one that has a base. */
  wrappable(spec: unknown, context: OptimizerContext = {}): SharpnessAwareOptimizer {
    return new SharpnessAwareOptimizer(this.#compose(this.#read(spec, context, false)));
  }

  /** What is wrong with an optimizer spec, without creating anything that lasts. */
  problems(spec: unknown, context: OptimizerContext = {}): readonly Problem[] {
    return this.#read(spec, context, true).composition.problems.all;
  }

  /** A spec is read once; one that cannot be read has nothing else to say. */
  #read(given: unknown, context: OptimizerContext, isWhole: boolean): Reading {
    const composition = new Composition(this.#registry, context);
    const { problems } = composition;
    const before = problems.all.length;
    const spec = plainSpec(given, problems);
    const isReadable = problems.all.length === before;
    const level = isReadable ? levelOf(composition, spec, '') : undefined;
    if (isReadable && isWhole) requireBase(composition, spec);
    return { composition, level, makeBase: baseOf(composition) };
  }

  #compose({ composition, level, makeBase }: Reading): OptimizerSetup {
    composition.problems.throwAll('the optimizer spec');
    for (const caution of composition.cautions) this.#services.logger.warn(caution);
    const { base, codeOnly } = makeBase?.() ?? {};
    const { context, shared } = composition;
    const { average, lookahead, ...settings } = shared.settings();
    const spelled = shared.written();
    const absorbed = composition.absorbed.map((optimizer) => optimizer.retire('was wrapped by another one'));
    const totalSteps = context.totalSteps ?? absorbed.find((setup) => setup.totalSteps !== undefined)?.totalSteps;
    const around =
      base &&
      aroundBase(base, { ...settings, ...(average && { average }), ...(lookahead && { lookahead }), totalSteps });
    const { variant, spec: written, ...radius } = level as Level;
    const baseSpec = codeOnly === undefined ? specOfBase(composition) : undefined;
    return {
      ...this.#services,
      variant,
      ...radius,
      ...(around === undefined ? {} : { base: around }),
      accumulate: levelDefaults.accumulate,
      guard: levelDefaults.guard,
      seed: levelDefaults.seed,
      ...settings,
      ...(totalSteps === undefined ? {} : { totalSteps }),
      roles: { ...absorbed[0]?.roles, ...rolesOf(context.parameters) },
      spec:
        variant === plain && baseSpec !== undefined
          ? { ...baseSpec, ...spelled }
          : { ...written, ...spelled, ...(baseSpec === undefined ? {} : { base: baseSpec }) },
      ...(codeOnly === undefined ? {} : { codeOnly }),
    };
  }
}

function rolesOf(parameters: OptimizerContext['parameters']): ParameterRoles {
  if (parameters === undefined) return {};
  if (!Array.isArray(parameters)) return parameters as ParameterRoles;
  return Object.fromEntries(
    (parameters as readonly { name: string; role: ParameterRole }[]).map(({ name, role }) => [name, role]),
  );
}
