import { FlatminError } from '../errors/errors.js';
import type * as tf from '@tensorflow/tfjs-core';
import type { Plugin } from '../plugin/plugin.js';
import type { OptimizerContext } from '../step/setup.js';
import type { Spec } from '../plugin/spec.js';

/** What TF.js's static loaders, and composite plugins in code, need of a container. */
export interface OptimizerSource {
  createOptimizer(spec: Spec, context?: OptimizerContext): tf.Optimizer;
  plugins?(): readonly Plugin[];
}

// TF.js deserializes through a static method, which has no container: one per process, shared by all copies of this
// package.
const key = Symbol.for('@flatmin/core/ContainerInUse');
const slots = globalThis as unknown as Record<
  symbol,
  { chosen?: OptimizerSource; fallback?: () => OptimizerSource } | undefined
>;

/** Sets the container through which saved optimizers are loaded. */
export function setContainer(container: OptimizerSource): void {
  slots[key] = { ...slots[key], chosen: container };
}

/** Sets the container used where none was set: the umbrella's, made when first needed. */
export function setFallbackContainer(make: () => OptimizerSource): void {
  slots[key] = { ...slots[key], fallback: make };
}

const find = (): OptimizerSource | undefined => slots[key]?.chosen ?? slots[key]?.fallback?.();

/** The plugins of these ids that the container in use has. */
export function pluginsInUse(ids: readonly string[]): readonly Plugin[] {
  return ids.length === 0
    ? []
    : (find()
        ?.plugins?.()
        .filter(({ id }) => ids.includes(id)) ?? []);
}

export function containerInUse(): OptimizerSource {
  const found = find();
  if (found !== undefined) return found;
  throw new FlatminError(
    'CONTAINER_MISSING',
    "a saved flatmin optimizer is being loaded, but no container knows its plugins. import 'flatmin', or call useContainer(createContainer({ plugins: [...] })).",
  );
}
