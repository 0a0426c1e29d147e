import { isFlatminError } from '../errors/errors.js';
import { ProblemList, joinPath } from '../errors/problemList.js';
import type { SharpnessAwareOptimizer } from '../optimizer/optimizer.js';
import type { Plugin } from '../plugin/plugin.js';
import type { Registry } from '../plugin/registry.js';
import type { Caution } from './cautions.js';
import { SharedOptions } from './sharedOptions.js';
import { type ParameterRole, parameterRoles } from '../variant/parameters.js';
import type { OptimizerContext } from '../step/setup.js';

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/**
 * The context of `createOptimizer` where it is one: what is wrong is noted and left out, so that all of it is said at
 * once.
 */
function checkedContext(context: unknown, problems: ProblemList): OptimizerContext {
  if (context === undefined) return {};
  if (!isObject(context) || Array.isArray(context)) {
    problems.add(
      'context',
      context,
      'this is not a context',
      'Give { validationLoss, totalSteps, parameters }, or nothing.',
    );
    return {};
  }
  const { validationLoss, totalSteps, parameters } = context;
  const isGood = {
    validationLoss: checkValidationLoss(validationLoss, problems),
    totalSteps: checkTotalSteps(totalSteps, problems),
    parameters: checkParameters(parameters, problems),
  };
  const kept = Object.entries(context).filter(([key]) => isGood[key as keyof typeof isGood] ?? true);
  return Object.fromEntries(kept);
}

function checkValidationLoss(value: unknown, problems: ProblemList): boolean {
  if (value === undefined || typeof value === 'function') return true;
  problems.add(
    'context.validationLoss',
    value,
    'it is not a function',
    'Give a loss over held-out data: () => tf.Scalar.',
  );
  return false;
}

function checkTotalSteps(value: unknown, problems: ProblemList): boolean {
  if (value === undefined || (Number.isSafeInteger(value) && (value as number) >= 1)) return true;
  problems.add(
    'context.totalSteps',
    value,
    'it is not a number of steps',
    'Give a whole number, 1 or more, or leave it out.',
  );
  return false;
}

function checkParameters(value: unknown, problems: ProblemList): boolean {
  if (value === undefined) return true;
  if (!isObject(value)) {
    const remedy = 'Give roles by name, { "dense/kernel": "kernel" }, or a list of { name, role }.';
    problems.add('context.parameters', value, 'it is not a list of roles', remedy);
    return false;
  }
  const before = problems.all.length;
  const path = 'context.parameters';
  if (!Array.isArray(value)) {
    for (const [name, role] of Object.entries(value)) checkRole(role, `${path}.${name}`, problems);
  } else {
    value.forEach((entry: unknown, i) => {
      const { name, role } = isObject(entry) ? entry : {};
      if (typeof name === 'string') return checkRole(role, `${path}.${i}.role`, problems);
      problems.add(`${path}.${i}`, entry, 'it names no variable', 'Give { name, role }.');
    });
  }
  return problems.all.length === before;
}

function checkRole(role: unknown, path: string, problems: ProblemList): void {
  if (parameterRoles.includes(role as ParameterRole)) return;
  problems.add(path, role, 'it is not a role', `Give one of ${parameterRoles.join(', ')}.`);
}

/** What is found while one spec is read: what is wrong with it, and what its levels share. */
export class Composition {
  readonly problems = new ProblemList();
  readonly shared = new SharedOptions(this.problems);
  /** Optimizers made in code that the spec holds, in the order in which they were found. */
  readonly absorbed: SharpnessAwareOptimizer[] = [];
  /** What is valid and does nothing in this run, a line each. */
  readonly cautions: string[] = [];
  readonly registry: Registry;
  /** The context, without what is wrong in it. */
  readonly context: OptimizerContext;

  constructor(registry: Registry, context: unknown) {
    this.registry = registry;
    this.context = checkedContext(context, this.problems);
  }

  /**
   * The plugin of an optimizer spec that `use` at `path` names; undefined, and the problem noted, where there is none.
   */
  plugin(use: string, path: string): Plugin | undefined {
    try {
      return this.registry.get(use, 'variant', 'meta', 'base');
    } catch (error) {
      if (!isFlatminError(error)) throw error;
      return this.problems.addNamed(error, joinPath(path, 'use'), use);
    }
  }

  /** An optimizer made in code hands over what stands once, but for its base. */
  absorb(optimizer: SharpnessAwareOptimizer, path: string): void {
    const { spec, clipNorm } = optimizer.setup;
    this.absorbed.push(optimizer);
    if (clipNorm !== undefined) this.shared.take('clipNorm', clipNorm, joinPath(path, 'clipNorm'));
    for (const key of ['centralize', 'groups', 'lookahead', 'average', 'accumulate', 'guard', 'seed'] as const) {
      if (spec[key] !== undefined) this.shared.take(key, spec[key], joinPath(path, key));
    }
  }

  /** Notes what a setting would not do, where the length of the run is known. */
  caution(of: (totalSteps: number) => Caution): void {
    const { totalSteps } = this.context;
    const caution = totalSteps === undefined ? undefined : of(totalSteps);
    if (caution !== undefined) this.cautions.push(caution);
  }

  /** Runs a plugin's `create`, whose own problems join the others. */
  create<T>(make: () => T, use: string, path: string): T | undefined {
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
