/** A value that differs between two configs; undefined where one of them has none. */
export interface Difference {
  /** As in the config: `optimizer.inner.rho`. */
  readonly path: string;
  readonly there: unknown;
  readonly here: unknown;
}

/** What differs between two plain values, each with its path; null is none. Lists are compared as a whole. */
export function differencesOf(there: unknown, here: unknown, path = ''): readonly Difference[] {
  if (isObject(there) && isObject(here)) {
    const names = [...new Set([...Object.keys(there), ...Object.keys(here)])];
    return names.flatMap((name) => differencesOf(there[name], here[name], path === '' ? name : `${path}.${name}`));
  }
  if (JSON.stringify(there ?? null) === JSON.stringify(here ?? null)) return [];
  return [{ path, there: there ?? undefined, here: here ?? undefined }];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
