import * as tf from '@tensorflow/tfjs-core';
import { releasedBase } from '../base/aroundBase.js';
import { BuiltInBase, isBuiltIn } from '../base/builtIn.js';
import type { BaseOptimizer } from '../base/contract.js';
import { ForeignBase } from '../base/foreign.js';
import { refuseOtherCopy } from '../errors/duplicateCore.js';
import { SharpnessAwareOptimizer, baseMissing } from '../optimizer/optimizer.js';
import { productOf } from '../plugin/create.js';
import { parseOptions } from '../plugin/options.js';
import type { Plugin } from '../plugin/plugin.js';
import { readSpec, type Spec } from '../plugin/spec.js';
import { plain } from '../variant/window.js';
import type { Composition } from './composition.js';
import { withoutShared } from './variantSpec.js';
import { joinPath } from '../errors/problemList.js';

/** A base that was made, and what of it exists in code only. */
export interface MadeBase {
  readonly base: BaseOptimizer;
  readonly codeOnly?: string;
}

/**
 * Validates the base that a composition found; what it returns creates it, once the whole of the spec is valid.
 * Undefined where there is none, or it is not valid, which is noted then.
 */
export function baseOf(composition: Composition): (() => MadeBase) | undefined {
  const { base } = composition.shared.given;
  if (base === undefined) return undefined;
  const { value, path } = base;
  if (value instanceof SharpnessAwareOptimizer) return baseInCode(composition, value, path);
  if (typeof value === 'object' && value !== null && value instanceof tf.Optimizer) {
    const codeOnly = `a base passed as an object (${value.getClassName()})`;
    return () => ({ base: isBuiltIn(value) ? new BuiltInBase(value, false) : new ForeignBase(value), codeOnly });
  }
  return baseInSpec(composition, value, path);
}

/** The base of an optimizer of flatmin: of one that is wrapped here, or of one that is nothing but a base. */
function baseInCode(
  composition: Composition,
  value: SharpnessAwareOptimizer,
  path: string,
): (() => MadeBase) | undefined {
  const { absorbed, problems } = composition;
  refuseOtherCopy(value, `the base at ${path}`);
  if (!absorbed.includes(value)) {
    if (value.setup.variant !== plain) {
      const remedy = 'Use metas to nest variants.';
      return problems.add(path, 'a SharpnessAwareOptimizer', 'a base cannot be sharpness-aware', remedy);
    }
    composition.absorb(value, path);
  }
  const { base, codeOnly } = value.setup;
  return () => ({ base: releasedBase(base as BaseOptimizer), ...(codeOnly === undefined ? {} : { codeOnly }) });
}

function baseInSpec(composition: Composition, value: unknown, path: string): (() => MadeBase) | undefined {
  const { problems: all } = composition;
  const named = readSpec(value);
  if (named === undefined) {
    const remedy = 'Write { use: "momentum", learningRate: 0.1, momentum: 0.9 }, or pass a tf.Optimizer.';
    return all.add(path, value, 'this is not a base', remedy);
  }
  const { use, given } = named;
  const plugin = composition.plugin(use, path);
  if (plugin === undefined) return undefined;
  if (plugin.kind !== 'base') {
    const what = `${use} is a ${plugin.kind}, not a base`;
    return all.add(joinPath(path, 'use'), use, what, 'Use sgd, momentum, adam, ...');
  }
  const { options, problems } = parseOptions(plugin, given, path === '(top)' ? '' : path);
  all.all.push(...problems);
  const isValid = problems.length === 0;
  return isValid ? () => ({ base: productOf(plugin as unknown as Plugin<'base'>, options, undefined) }) : undefined;
}

/** Notes that nothing takes the steps, where `spec` describes a variant; not beside an error whose code says more. */
export function requireBase({ problems, registry, shared }: Composition, spec: unknown): void {
  if (problems.hasNamed || shared.given.base !== undefined) return;
  const id = spec instanceof SharpnessAwareOptimizer ? spec.setup.variant.id : readSpec(spec)?.use;
  const kind = spec instanceof SharpnessAwareOptimizer ? 'variant' : registry.find(id ?? '')?.kind;
  if (id === undefined || (kind !== 'variant' && kind !== 'meta')) return;
  problems.addNamed(baseMissing(id), 'base', undefined);
}

/** The spec of a composition's base, as `getConfig` writes it; undefined where there is none. */
export function specOfBase({ shared }: Composition): Spec | undefined {
  const { base } = shared.given;
  if (base === undefined) return undefined;
  if (base.value instanceof SharpnessAwareOptimizer) {
    const { variant, spec } = base.value.setup;
    return variant === plain ? withoutShared(spec) : (spec.base as Spec);
  }
  const { use = '', given } = readSpec(base.value) ?? {};
  return { use, ...given };
}
