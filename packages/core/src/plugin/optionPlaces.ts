import { sharedOptions, variantOptions } from './levelOptions.js';
import { describeOptions, type OptionPlace } from './options.js';
import type { Plugin } from './plugin.js';
import type { Registry } from './registry.js';

/** What stands around a level of a spec, as it was given. */
interface Neighbors {
  readonly base?: unknown;
  /** Of a meta: what it wraps. */
  readonly inner?: unknown;
}

/** What a level of a spec takes beside its own options, and where options belong that stand at the wrong level. */
export function placeIn(registry: Registry, plugin: Plugin, { base, inner }: Neighbors): OptionPlace {
  const takes = (spec: unknown, key: string): boolean => {
    const { use } = (spec ?? {}) as { use?: unknown };
    const found = typeof use === 'string' ? registry.find(use) : undefined;
    return found !== undefined && describeOptions(found).some(({ name }) => name === key);
  };
  const isMeta = plugin.kind === 'meta';
  return {
    alsoTakes: [...(isMeta ? ['inner', 'rho'] : variantOptions), ...sharedOptions],
    placeOf: (key) => {
      const isOfVariant = (variantOptions as readonly string[]).includes(key) || takes(inner, key);
      if (isMeta && isOfVariant) return `Give ${key} inside inner.`;
      return takes(base, key) ? `Give ${key} inside base.` : undefined;
    },
  };
}
