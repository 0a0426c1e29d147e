import { FlatminError } from '@flatmin/core';
import type { ColumnKind } from './columnProfile.js';
import { defaults, type TextTableOptions } from './options.js';

/** The columns that are used, and what is known of their kinds before they are read. */
export interface UsedColumns {
  readonly names: readonly string[];
  /** By name; one that is absent is told by its values. */
  readonly kinds: ReadonlyMap<string, ColumnKind>;
  /** Those of the file, in its order. */
  readonly all: readonly string[];
}

/**
 * Which columns of a file are used: `text` and `features`; where neither is given, "text" alone where there is one and
 * `columns` says nothing, else all but the label. What `columns` ignores is not.
 *
 * @param missing is called for a column that `columns` names and the file does not have.
 */
export function usedColumns(
  options: TextTableOptions,
  all: readonly string[],
  missing: (column: string) => never,
): UsedColumns {
  const { label = defaults.label, features, columns = {} } = options;
  const texts = options.text === undefined ? [] : [options.text].flat();
  for (const column of Object.keys(columns)) if (!all.includes(column)) missing(column);
  if ([...texts, ...(features ?? [])].includes(label)) {
    refuse(`the label ${JSON.stringify(label)} is among the columns to learn from. Leave it out.`);
  }
  const kinds = new Map<string, ColumnKind>(texts.map((column) => [column, 'text']));
  for (const [column, kind] of Object.entries(columns)) {
    if (column !== label) kinds.set(column, kind);
    if (texts.includes(column) && kind !== 'text') {
      refuse(`column ${JSON.stringify(column)} is in \`text\`, and is ${kind} in \`columns\`. Give one of them.`);
    }
  }
  const chosen = chosenColumns();
  const names = [...new Set(chosen)].filter((column) => kinds.get(column) !== 'ignore');
  if (names.length === 0) refuse('no column is left to learn from. Name some in `features`.');
  return { names, kinds, all };

  function chosenColumns(): readonly string[] {
    if (features !== undefined) return [...texts, ...features];
    if (texts.length > 0) return [...texts, ...Object.keys(columns).filter((column) => column !== label)];
    if (Object.keys(columns).length === 0 && all.includes('text')) {
      kinds.set('text', 'text');
      return ['text'];
    }
    return all.filter((column) => column !== label);
  }
}

/** Throws the error of options that contradict each other. */
export function refuse(what: string): never {
  throw new FlatminError('SPEC_INVALID', `text-table: ${what}`);
}
