import type { StandardSchemaV1 } from '@standard-schema/spec';

/** As much of JSON Schema as options are described by. */
export interface JsonSchema {
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
  readonly minItems?: number;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly exclusiveMaximum?: number;
}

interface JsonSource {
  readonly jsonSchema?: { input(options: { target: string }): Record<string, unknown> };
}

/**
 * What a schema takes (Standard JSON Schema: zod 4 and others); undefined where it cannot say so, or holds what JSON
 * Schema has no word for.
 */
export function jsonSchemaOf(schema: StandardSchemaV1): JsonSchema | undefined {
  try {
    return (schema['~standard'] as JsonSource).jsonSchema?.input({ target: 'draft-2020-12' });
  } catch {
    return undefined;
  }
}

const choicesOf = ({ anyOf, oneOf }: JsonSchema): readonly JsonSchema[] | undefined => anyOf ?? oneOf;

/** All that may stand at a path: of alternatives, what each has there. */
export function schemaAt(schema: JsonSchema | undefined, path: readonly string[]): JsonSchema | undefined {
  if (schema === undefined || path.length === 0) return schema;
  const choices = choicesOf(schema);
  if (choices !== undefined) {
    const found = choices.flatMap((choice) => schemaAt(choice, path) ?? []);
    return found.length > 1 ? { anyOf: found } : found[0];
  }
  const [name = '', ...rest] = path;
  return schemaAt(schema.type === 'array' ? schema.items : schema.properties?.[name], rest);
}

/** The names that an object may have; of alternatives, those of all. */
export function namesIn(schema: JsonSchema | undefined): readonly string[] {
  const own = Object.keys(schema?.properties ?? {});
  return [...new Set([...own, ...((schema && choicesOf(schema)) ?? []).flatMap(namesIn)])];
}

/** The values that may stand there, where they can be listed. */
export function valuesOf(schema: JsonSchema | undefined): readonly unknown[] {
  if (schema === undefined) return [];
  if (schema.const !== undefined) return [schema.const];
  return [...new Set(schema.enum ?? choicesOf(schema)?.flatMap(valuesOf) ?? [])];
}

/** In short, as tables have it: `number >= 0 | schedule`. */
export function typeText(schema: JsonSchema): string {
  const { items, type } = schema;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const choices = choicesOf(schema);
  if (choices !== undefined) return [...new Set(choices.map(typeText))].join(' | ');
  if (type === 'array') return `${items === undefined ? 'unknown' : typeText(items)}[]`;
  if (type === 'object' && schema.properties !== undefined) {
    return 'schedule' in schema.properties ? 'schedule' : `{ ${Object.keys(schema.properties).join(', ')} }`;
  }
  const [least, most] = boundsOf(schema, { min: '>= ', above: '> ', max: '<= ', below: '< ' });
  return [type ?? 'unknown', [least, most].filter(Boolean).join(', ')].filter(Boolean).join(' ');
}

/** In words, as errors have it: "a number of at least 0, or a schedule". */
export function wordsFor(schema: JsonSchema): string {
  const { type, items, minItems } = schema;
  const values = valuesOf(schema);
  const choices = choicesOf(schema);
  if (values.length > 0 && (choices === undefined || choices.every((choice) => valuesOf(choice).length > 0))) {
    return values.map((value) => JSON.stringify(value)).join(' or ');
  }
  if (choices !== undefined) return [...new Set(choices.map(wordsFor))].join(', or ');
  if (type === 'array') return listWords(items, minItems);
  if (type === 'object') return objectWords(schema);
  const kinds: Readonly<Record<string, string>> = { integer: 'a whole number', boolean: 'true or false' };
  const [least, most] = boundsOf(schema, { min: 'of at least ', above: 'above ', max: 'of at most ', below: 'below ' });
  return [kinds[type ?? ''] ?? `a ${type ?? 'value'}`, [least, most].filter(Boolean).join(' and ')]
    .filter(Boolean)
    .join(' ');
}

function listWords(items: JsonSchema | undefined, least = 0): string {
  const length = least > 0 ? ` of at least ${least}` : '';
  return `a list${length}${items === undefined ? '' : `, each ${wordsFor(items)}`}`;
}

function objectWords({ properties = {}, required = [] }: JsonSchema): string {
  const names = required.length > 0 ? required : Object.keys(properties);
  const [schedule] = valuesOf(properties['schedule']);
  if (schedule !== undefined) return `{ "schedule": ${JSON.stringify(schedule)}, ... }`;
  return names.length === 0 ? 'an object' : `an object with ${names.join(', ')}`;
}

interface BoundWords {
  readonly min: string;
  readonly above: string;
  readonly max: string;
  readonly below: string;
}

/** The bounds of a number, but for those of a whole number that every computer has. */
function boundsOf(schema: JsonSchema, words: BoundWords): readonly [least: string, most: string] {
  const { minimum, exclusiveMinimum, maximum, exclusiveMaximum } = schema;
  const hasLeast = minimum !== undefined && minimum !== Number.MIN_SAFE_INTEGER;
  const hasMost = maximum !== undefined && maximum !== Number.MAX_SAFE_INTEGER;
  return [
    exclusiveMinimum !== undefined ? `${words.above}${exclusiveMinimum}` : hasLeast ? `${words.min}${minimum}` : '',
    exclusiveMaximum !== undefined ? `${words.below}${exclusiveMaximum}` : hasMost ? `${words.max}${maximum}` : '',
  ];
}
