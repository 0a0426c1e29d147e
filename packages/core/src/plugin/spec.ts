/** A spec as it stands in JSON: which plugin, and its options. */
export interface Spec {
  readonly use: string;
  readonly [option: string]: unknown;
}

/** A spec, taken apart. */
export interface NamedOptions {
  readonly use: string;
  /** The options that were given: one that is undefined is absent. The caller's own copy. */
  readonly given: Record<string, unknown>;
}

/** The plugin that a spec names, and its options; undefined for what is not a spec. */
export function readSpec(spec: unknown): NamedOptions | undefined {
  if (typeof spec !== 'object' || spec === null) return undefined;
  const { use, ...others } = spec as Partial<Spec>;
  if (typeof use !== 'string') return undefined;
  return { use, given: Object.fromEntries(Object.entries(others).filter(([, value]) => value !== undefined)) };
}
