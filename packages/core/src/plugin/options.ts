import { joinPath } from '../errors/problemList.js';
import type { Problem } from '../errors/errors.js';
import { runPlugin } from '../errors/faults.js';
import { type Checked, validated } from '../errors/issues.js';
import { nameOf } from './create.js';
import { jsonSchemaOf, typeText } from '../errors/schemaText.js';
import type { Plugin } from './plugin.js';
import type { Registry } from './registry.js';

/** One option of a plugin, as its schema describes it: for listings, tables of the docs and errors. */
export interface OptionDescription {
  readonly name: string;
  readonly type: string;
  /** Absent where there is none. */
  readonly default?: unknown;
  readonly required: boolean;
  readonly description: string;
}

/** The options of a plugin, where its schema can be written as JSON Schema (Standard JSON Schema: zod 4 and others). */
export function describeOptions(plugin: Pick<Plugin, 'options'>): readonly OptionDescription[] {
  const schema = jsonSchemaOf(plugin.options);
  if (schema === undefined) return [];
  return Object.entries(schema.properties ?? {}).map(([name, property]) => ({
    name,
    type: typeText(property),
    ...('default' in property ? { default: property.default } : {}),
    required: schema.required?.includes(name) ?? false,
    description: property.description ?? '',
  }));
}

/** What the place of an option in a spec decides beside the plugin's own schema. */
export type OptionPlace = Pick<Checked, 'alsoTakes' | 'placeOf'>;

/** A spec's options through the plugin's schema: what it makes of them, or every problem it has. */
export function parseOptions(
  plugin: Plugin,
  given: Readonly<Record<string, unknown>>,
  path: string,
  place: OptionPlace = {},
): { readonly options: unknown; readonly problems: readonly Problem[] } {
  const { output, problems } = runPlugin(nameOf(plugin), 'reading its options', () =>
    validated(plugin.options, given, { ...place, name: plugin.id }),
  );
  return {
    options: output,
    problems: problems.map((problem) => ({ ...problem, path: joinPath(path, problem.path) })),
  };
}

/** Options that an optimizer spec takes once, at any level. */
export const sharedOptions = [
  'base',
  'clipNorm',
  'centralize',
  'groups',
  'lookahead',
  'average',
  'accumulate',
  'guard',
  'seed',
] as const;
export type SharedOption = (typeof sharedOptions)[number];

/** Options that every variant takes in addition to its own. */
export const variantOptions = ['every', 'start', 'end', 'microBatches', 'layerScales'] as const;

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
