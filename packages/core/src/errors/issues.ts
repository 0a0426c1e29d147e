import type { StandardSchemaV1 } from '@standard-schema/spec';
import { closest, didYouMean } from './closest.js';
import type { Problem } from './errors.js';
import { type JsonSchema, jsonSchemaOf, namesIn, schemaAt, valuesOf, wordsFor } from './schemaText.js';

/** What is checked, for messages. */
export interface Checked {
  /** Completes "is not an option of": `sam`, `the config`. */
  readonly name: string;
  /** Options that it also takes, which its schema does not know. */
  readonly alsoTakes?: readonly string[];
  /** Where an option belongs that is none of it, as a sentence. */
  readonly placeOf?: (key: string) => string | undefined;
}

/** An issue as the standard defines it, with the fields that zod adds. */
interface Issue extends StandardSchemaV1.Issue {
  readonly code?: string;
  readonly keys?: readonly string[];
  readonly origin?: string;
  readonly expected?: string;
  readonly discriminator?: string;
  readonly errors?: readonly (readonly Issue[])[];
}

/**
 * Validates a value. Each problem is said once: what is wrong, what stands there, and what the schema takes; a name
 * that nobody knows with the one that was probably meant.
 */
export function validated<S extends StandardSchemaV1>(
  schema: S,
  value: unknown,
  checked: Checked,
): { readonly output?: StandardSchemaV1.InferOutput<S>; readonly problems: readonly Problem[] } {
  const result = schema['~standard'].validate(value);
  if ('then' in result) {
    const message = `is checked by an asynchronous schema (${checked.name})`;
    return { problems: [{ path: '', value, message, remedy: 'Use a synchronous one.' }] };
  }
  if (result.issues === undefined) return { output: result.value, problems: [] };
  const json = jsonSchemaOf(schema);
  const found = result.issues.flatMap((issue) => problemsOfIssue(issue, [], { value, json, checked }));
  return { problems: withoutConsequences(found) };
}

interface Source {
  readonly value: unknown;
  readonly json: JsonSchema | undefined;
  readonly checked: Checked;
}

/** A problem, and the names that were probably meant by it: what is missing is not missing twice. */
interface Found extends Problem {
  readonly meant?: string;
}

function withoutConsequences(found: readonly Found[]): readonly Problem[] {
  const meant = new Set(found.map((problem) => problem.meant));
  return found
    .filter(({ path, value }) => value !== undefined || !meant.has(path))
    .map(({ meant: _, ...problem }) => problem);
}

function problemsOfIssue(issue: Issue, base: readonly string[], source: Source): Found[] {
  const path = [...base, ...namesOf(issue)];
  if (issue.keys !== undefined) return issue.keys.map((key) => unknownName(key, path, source));
  const value = valueAt(source.value, path);
  const alternative = closestAlternative(issue.errors);
  if (alternative !== undefined && value !== undefined) {
    return alternative.flatMap((inner) => problemsOfIssue(inner, path, source));
  }
  const schema = schemaAt(source.json, path);
  return [{ path: path.join('.'), value, message: messageOf(issue, value), remedy: remedyOf(issue, value, schema) }];
}

/** Of a union: the alternative of the right type whose inside is wrong; undefined where none is. */
function closestAlternative(errors: readonly (readonly Issue[])[] = []): readonly Issue[] | undefined {
  return errors.find((issues) => issues.some((issue) => namesOf(issue).length > 0 || issue.keys !== undefined));
}

function unknownName(key: string, parent: readonly string[], { value, json, checked }: Source): Found {
  const isTop = parent.length === 0;
  const names = [...namesIn(schemaAt(json, parent)), ...((isTop && checked.alsoTakes) || [])];
  const holder = parent.at(-1) ?? checked.name;
  const meant = closest(key, names);
  return {
    path: [...parent, key].join('.'),
    value: valueAt(value, [...parent, key]),
    message: `is not an option of ${holder}`,
    remedy:
      (isTop ? checked.placeOf?.(key) : undefined) ??
      (meant === undefined ? `Options of ${holder}: ${names.join(', ') || 'none'}.` : didYouMean(meant)),
    ...(meant !== undefined && { meant: [...parent, meant].join('.') }),
  };
}

/** What zod says where nobody wrote a message of their own. */
const standardMessage = /^(Invalid|Too (small|big)|Unrecognized)\b/;

function messageOf({ code, discriminator, expected, message, origin }: Issue, value: unknown): string {
  const isOwn = !standardMessage.test(message);
  if (value === undefined && code !== undefined && code !== 'custom') return 'is missing';
  if (isOwn) return message;
  switch (code) {
    case 'too_small':
    case 'too_big':
      return origin === 'string' || origin === 'array'
        ? `is too ${code === 'too_small' ? 'short' : 'long'}`
        : 'is out of range';
    case 'invalid_type':
      return expected === 'int' ? 'is not a whole number' : 'is of the wrong type';
    case 'invalid_value':
      return 'is not one of the allowed values';
    case 'invalid_union':
      return discriminator === undefined ? 'matches none of the allowed forms' : 'is not one of the allowed values';
    case 'invalid_format':
      return 'does not have the right form';
    default:
      return message;
  }
}

function remedyOf(issue: Issue, value: unknown, schema: JsonSchema | undefined): string {
  if (schema === undefined) return standardMessage.test(issue.message) ? `${issue.message}.` : 'Correct it.';
  const words = valuesOf(schema).filter((each) => typeof each === 'string');
  const meant = typeof value === 'string' ? closest(value, words) : undefined;
  if (meant !== undefined) return didYouMean(meant);
  const { description = '' } = schema;
  const meaning = description === '' ? '' : ` (${description.replace(/\.$/, '')})`;
  return `Use ${wordsFor(schema)}${meaning}.`;
}

const namesOf = ({ path = [] }: Issue): string[] => path.map((key) => String(typeof key === 'object' ? key.key : key));

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[key] : undefined),
    value,
  );
}
