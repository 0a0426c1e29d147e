import type { Problem } from '@flatmin/core';
import type * as z from 'zod';

/** What zod found wrong with `value`, as problems with path, value and remedy: one for each unknown field. */
export function problemsOfIssues(
  issues: readonly z.core.$ZodIssue[],
  value: unknown,
  known: readonly string[],
): Problem[] {
  return issues.flatMap((issue) => {
    const at = valueAt(value, issue.path);
    const path = issue.path.join('.');
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        path: path === '' ? key : `${path}.${key}`,
        value: valueAt(at, [key]),
        message: 'is not a field of this object',
        remedy: path === '' ? `Remove it; the fields are ${known.join(', ')}.` : 'Remove it, or check its spelling.',
      }));
    }
    if (issue.code === 'invalid_union') return [problemOfUnion(issue, value, at, path)];
    return [{ path, value: at, message: messageOf(issue, at), remedy: remedyOf(issue) }];
  });
}

function messageOf(issue: z.core.$ZodIssue, at: unknown): string {
  if (at === undefined && (issue.code === 'invalid_type' || issue.code === 'invalid_value')) return 'is missing';
  return `is not valid: ${issue.message}`;
}

function remedyOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type') return `Give ${article(issue.expected)}.`;
  if (issue.code === 'invalid_value')
    return `Use ${issue.values.map((allowed) => JSON.stringify(allowed)).join(' or ')}.`;
  if (issue.code === 'too_small') return `Use ${issue.inclusive === true ? 'at least' : 'more than'} ${issue.minimum}.`;
  if (issue.code === 'too_big') return `Use ${issue.inclusive === true ? 'at most' : 'less than'} ${issue.maximum}.`;
  return 'See flatmin train --help.';
}

/** The learning rate is the one union: the alternative whose `schedule` fits says best what is wrong. */
function problemOfUnion(issue: z.core.$ZodIssueInvalidUnion, value: unknown, at: unknown, path: string): Problem {
  const closest = issue.errors.flat().find(({ path: inner }) => inner.length > 0) ?? issue.errors.flat()[0];
  const fullPath = [path, ...(closest?.path ?? [])].filter((part) => part !== '').join('.');
  return {
    path: fullPath,
    value: valueAt(at, closest?.path ?? []),
    message: closest === undefined ? 'fits no alternative' : `is not valid: ${closest.message}`,
    remedy:
      'Use a number, or { "schedule": "constant" | "cosine" | "linear" | "step", ... }; see flatmin train --help.',
  };
}

function article(expected: string): string {
  const names: Readonly<Record<string, string>> = { int: 'a whole number', object: 'an object', array: 'a list' };
  return names[expected] ?? `a ${expected}`;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? (at as Record<PropertyKey, unknown>)[key] : undefined),
    value,
  );
}
