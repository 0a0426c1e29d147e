import { jsonSchemaOf } from '@flatmin/core/internal';
import { type Plugin, scheduleSchema } from '@flatmin/core/plugin';

/** A JSON Schema (draft 2020-12), or a part of one, as data. */
export type Schema = Readonly<Record<string, unknown>>;

/** Schemas of options, by name. */
export type OptionSchemas = Readonly<Record<string, Schema>>;

export const ref = (name: string): Schema => ({ $ref: `#/$defs/${name}` });

/** The name of a plugin's definition: `variant-sam`. */
export const nameOf = ({ kind, id }: Pick<Plugin, 'id' | 'kind'>): string => `${kind}-${id}`;

/** What an option that may follow a schedule takes: many have it, so that it stands once, as `number-or-schedule`. */
export const numberOrSchedule = jsonSchemaOf(scheduleSchema)?.anyOf ?? [];

/**
 * What a spec of this plugin may hold: its own options as its schema has them, and others that its level takes. A
 * plugin whose schema cannot be written as JSON Schema may hold anything.
 */
export function definitionOf(plugin: Plugin, others: OptionSchemas = {}, name = nameOf(plugin)): Schema {
  const { id, description } = plugin;
  const own = within(name, jsonSchemaOf(plugin.options) ?? {}) as Schema & {
    readonly properties?: OptionSchemas;
    readonly required?: readonly string[];
  };
  const { $defs, additionalProperties, properties = {}, required = [] } = own;
  const options = Object.entries(properties).map(([option, schema]): [string, Schema] => [
    option,
    others[option] === undefined ? withoutSchedule(schema) : eitherOf(withoutSchedule(schema), others[option]),
  ]);
  return {
    type: 'object',
    ...(description !== undefined && { description }),
    properties: { use: { const: id }, ...others, ...Object.fromEntries(options) },
    required: ['use', ...required],
    additionalProperties: additionalProperties !== false,
    ...($defs !== undefined && { $defs }),
  };
}

/** What a plugin has under a name that its level has too, as LETS's `groups`: either will do. */
const eitherOf = ({ description, ...own }: Schema, ofLevel: Schema): Schema => ({ description, anyOf: [own, ofLevel] });

/** A schema whose references to itself hold where it is a definition of this name. */
function within(name: string, schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map((each) => within(name, each));
  if (typeof schema !== 'object' || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([key, value]: [string, unknown]) => {
      const isReference = key === '$ref' && typeof value === 'string';
      return [key, isReference ? value.replace(/^#/, `#/$defs/${name}`) : within(name, value)];
    }),
  );
}

function withoutSchedule({ anyOf, ...rest }: Schema): Schema {
  if (JSON.stringify(anyOf) === JSON.stringify(numberOrSchedule)) return { ...rest, ...ref('number-or-schedule') };
  return anyOf === undefined ? rest : { ...rest, anyOf };
}

/** One of some plugins: `use` says which, and that the rest is as its definition has it. */
export function choiceOf(
  description: string,
  plugins: readonly Plugin[],
  definition: (plugin: Plugin) => Schema = (plugin) => ref(nameOf(plugin)),
): Schema {
  const ids = plugins.map(({ id, description: text }) => ({
    const: id,
    ...(text !== undefined && { description: text }),
  }));
  return {
    description,
    type: 'object',
    properties: { use: { description: 'the id of a plugin', type: 'string', anyOf: ids } },
    required: ['use'],
    allOf: plugins.map((plugin) => ({
      if: { properties: { use: { const: plugin.id } }, required: ['use'] },
      then: definition(plugin),
    })),
  };
}
