import { type KnownSet, knownSets, type SetName, setNames } from './sets.js';

/** `train-images-idx3-ubyte`, `t10k-labels.idx1-ubyte.gz`, `emnist-letters-test-images-idx3-ubyte`, ... */
const pattern = /^(.*?)(train|t10k|test)-(images|labels)[-.]idx[13]-ubyte(\.gz)?$/;

/** The options that a folder's names tell, or undefined where they are not those of IDX images. */
export function detect(names: readonly string[]): { readonly set?: SetName } | undefined {
  const isWhole = (parts: ReadonlyMap<string, string>, part: 'train' | 'test'): boolean =>
    parts.has(`${part} images`) && parts.has(`${part} labels`);
  const complete = [...partsIn(names)]
    .filter(([, parts]) => isWhole(parts, 'train') && (parts.size === 2 || isWhole(parts, 'test')))
    .map(([prefix]) => prefix);
  if (complete.length === 0) return undefined;
  const set = setNames.find((name) => (knownSets[name] as KnownSet).prefix === complete[0]);
  return complete.length === 1 && set !== undefined ? { set } : {};
}

/** By prefix, the names of `train images`, `test labels`, ...; unpacked files before packed ones. */
export function partsIn(names: readonly string[]): ReadonlyMap<string, ReadonlyMap<string, string>> {
  const byPrefix = new Map<string, Map<string, string>>();
  for (const name of names) {
    const [, prefix, part, kind, packed] = pattern.exec(name) ?? [];
    if (prefix === undefined) continue;
    const parts = byPrefix.get(prefix) ?? new Map<string, string>();
    byPrefix.set(prefix, parts);
    const key = `${part === 'train' ? 'train' : 'test'} ${kind}`;
    if (packed === undefined || !parts.has(key)) parts.set(key, name);
  }
  return byPrefix;
}
