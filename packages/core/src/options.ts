import type { Problem } from './errors.js';
import type { Plugin } from './plugin.js';

/** One option of a plugin, as its schema describes it: for listings, tables of the docs and errors. */
export interface OptionDescription {
  readonly name: string;
  readonly type: string;
  /** Absent where there is none. */
  readonly default?: unknown;
  readonly required: boolean;
  readonly description: string;
}

interface JsonSchema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly default?: unknown;
  readonly description?: string;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly exclusiveMaximum?: number;
}

/** The options of a plugin, where its schema can be written as JSON Schema (Standard JSON Schema: zod 4 and others). */
export function describeOptions(plugin: Pick<Plugin, 'options'>): readonly OptionDescription[] {
  const standard = plugin.options['~standard'] as {
    readonly jsonSchema?: { input(options: { target: string }): Record<string, unknown> };
  };
  const schema = jsonSchemaOf(standard.jsonSchema);
  if (schema === undefined) return [];
  return Object.entries(schema.properties ?? {}).map(([name, property]) => ({
    name,
    type: typeText(property),
    ...('default' in property ? { default: property.default } : {}),
    required: schema.required?.includes(name) ?? false,
    description: property.description ?? '',
  }));
}

/** Undefined where there is none, and where the schema holds something that JSON Schema cannot say. */
function jsonSchemaOf(
  source: { input(options: { target: string }): Record<string, unknown> } | undefined,
): JsonSchema | undefined {
  try {
    return source?.input({ target: 'draft-2020-12' });
  } catch {
    return undefined;
  }
}

function typeText(schema: JsonSchema): string {
  const { anyOf, oneOf, items, type } = schema;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const choices = anyOf ?? oneOf;
  if (choices !== undefined) return [...new Set(choices.map(typeText))].join(' | ');
  if (type === 'array') return `${items === undefined ? 'unknown' : typeText(items)}[]`;
  if (type === 'object' && schema.properties !== undefined) {
    return 'schedule' in schema.properties ? 'schedule' : `{ ${Object.keys(schema.properties).join(', ')} }`;
  }
  return [type ?? 'unknown', rangeText(schema)].filter(Boolean).join(' ');
}

function rangeText({ minimum, exclusiveMinimum, maximum, exclusiveMaximum }: JsonSchema): string {
  const bounds = [
    minimum === undefined || minimum === Number.MIN_SAFE_INTEGER ? '' : `>= ${minimum}`,
    exclusiveMinimum === undefined ? '' : `> ${exclusiveMinimum}`,
    maximum === undefined || maximum === Number.MAX_SAFE_INTEGER ? '' : `<= ${maximum}`,
    exclusiveMaximum === undefined ? '' : `< ${exclusiveMaximum}`,
  ];
  return bounds.filter(Boolean).join(', ');
}

/** A spec's options through the plugin's schema: what it makes of them, or every problem it has. */
export function parseOptions(
  plugin: Plugin,
  given: Readonly<Record<string, unknown>>,
  path: string,
): { readonly options: unknown; readonly problems: readonly Problem[] } {
  const result = plugin.options['~standard'].validate(given);
  if ('then' in result) {
    const message = `the options schema of ${plugin.id} is asynchronous`;
    return { options: undefined, problems: [{ path, value: given, message, remedy: 'Use a synchronous schema.' }] };
  }
  if (result.issues === undefined) return { options: result.value, problems: [] };
  const described = describeOptions(plugin);
  const problems = result.issues.map(({ message, path: keys = [] }): Problem => {
    const names = keys.map((key) => String(typeof key === 'object' ? key.key : key));
    const option = described.find(({ name }) => name === names[0]);
    const known = described.map(({ name }) => name).join(', ');
    return {
      path: joinPath(path, ...names),
      value: names.reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], given),
      message,
      remedy:
        option === undefined
          ? `Options of ${plugin.id}: ${known || 'none'}.`
          : `${option.name}: ${option.type}. ${option.description}`,
    };
  });
  return { options: undefined, problems };
}

export function joinPath(...parts: readonly string[]): string {
  return parts.filter(Boolean).join('.');
}
