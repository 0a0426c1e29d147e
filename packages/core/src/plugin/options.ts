import { joinPath } from '../errors/problemList.js';
import type { Problem } from '../errors/errors.js';
import { runPlugin } from '../errors/faults.js';
import { type Checked, validated } from '../errors/issues.js';
import type { Plugin } from './plugin.js';
import { nameOf } from './create.js';
import { jsonSchemaOf, typeText } from '../errors/schemaText.js';

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
