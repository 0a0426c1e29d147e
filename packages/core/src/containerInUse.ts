import type { OptimizerContext } from './composition.js';
import { FlatminError } from './errors.js';
import type { SharpnessAwareOptimizer } from './optimizer.js';
import type { Spec } from './recipe.js';

/** What TF.js's static loaders need of a container. */
interface OptimizerSource {
  createOptimizer(spec: Spec, context?: OptimizerContext): SharpnessAwareOptimizer;
}

// TF.js deserializes through a static method, which has no container: one per process, shared by all copies of this package.
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

export function containerInUse(): OptimizerSource {
  const found = slots[key]?.chosen ?? slots[key]?.fallback?.();
  if (found !== undefined) return found;
  throw new FlatminError(
    'CONTAINER_MISSING',
    "a saved flatmin optimizer is being loaded, but no container knows its plugins. import 'flatmin', or call useContainer(createContainer({ plugins: [...] })).",
  );
}
