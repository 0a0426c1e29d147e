import type { ProblemList } from '../errors/problemList.js';
import { joinPath } from './options.js';
import { isRecord } from '../tensors/stateTree.js';

/** Levels of a spec beyond which it is taken for a mistake, or for one that holds itself. */
const maximumDepth = 64;

/**
 * A spec as it stands at this moment: records and lists are copied, and so read once; what is made in code, such as an optimizer, stays
 * itself. What cannot be read (a getter that throws) and what is nested without end becomes a problem at its path, and undefined.
 */
export function plainSpec(spec: unknown, problems: ProblemList, path = '', depth = 0): unknown {
  if (!Array.isArray(spec) && !isPlainRecord(spec)) return spec;
  if (depth > maximumDepth) {
    const where = path.length > 60 ? `${path.slice(0, 60)}...` : path;
    return problems.add(where, undefined, `it is nested more than ${maximumDepth} deep, or holds itself`, 'Nest less.');
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
