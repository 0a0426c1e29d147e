import { type ProblemList, joinPath } from '../errors/problemList.js';
import { isRecord } from '../tensors/stateTree.js';

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

/** Levels of a spec beyond which it is taken for a mistake, or for one that holds itself. */
const maximumDepth = 64;

/**
 * A spec as it stands at this moment: records and lists are copied, and so read once; what is made in code, such as an
 * optimizer, stays itself. What cannot be read (a getter that throws) and what is nested without end becomes a problem
 * at its path, and undefined.
 */
export function plainSpec(spec: unknown, problems: ProblemList, path = '', depth = 0): unknown {
  if (!Array.isArray(spec) && !isPlainRecord(spec)) return spec;
  if (depth > maximumDepth) {
    const where = path.length > 60 ? `${path.slice(0, 60)}...` : path;
    return problems.add(
      where,
      undefined,
      `it is nested more than ${maximumDepth} levels deep, or contains itself`,
      'Nest less.',
    );
  }
  const copy = (key: string | number): unknown => {
    const below = joinPath(path, String(key));
    const [value] = read(() => (spec as Readonly<Record<string | number, unknown>>)[key], below, problems);
    return plainSpec(value, problems, below, depth + 1);
  };
  if (Array.isArray(spec)) return spec.map((_, i) => copy(i));
  const [keys = []] = read(() => Object.keys(spec), path, problems);
  return Object.fromEntries(keys.map((key) => [key, copy(key)]));
}

/** A record whose prototype can be asked for: that of a Proxy may throw. */
function isPlainRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  try {
    return isRecord(value);
  } catch {
    return true;
  }
}

function read<T>(from: () => T, path: string, problems: ProblemList): readonly [T?] {
  try {
    return [from()];
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    problems.add(path, undefined, `it cannot be read: ${text.replace(/\.$/, '')}`, 'Give plain values.');
    return [];
  }
}
