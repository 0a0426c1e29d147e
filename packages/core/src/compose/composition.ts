import { isFlatminError } from '../errors/errors.js';
import { ProblemList } from '../errors/problemList.js';
import type { SharpnessAwareOptimizer } from '../optimizer/optimizer.js';
import { joinPath } from '../plugin/options.js';
import type { Plugin } from '../plugin/plugin.js';
import type { Registry } from '../plugin/registry.js';
import type { OptimizerContext } from '../step/setup.js';
import type { Caution } from './cautions.js';
import { checkedContext } from './contextChecks.js';
import { SharedOptions } from './sharedOptions.js';

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

  /** The plugin of an optimizer spec that `use` at `path` names; undefined, and the problem noted, where there is none. */
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
    for (const key of ['accumulate', 'guard', 'seed'] as const) {
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
