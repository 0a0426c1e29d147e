const names = ['dict.txt', 'cmudict.dict', 'cmudict-0.7b', 'cmudict-0.7b.txt'] as const;

/** The dictionary among the names of a folder. */
export function dictionaryIn(found: readonly string[]): string | undefined {
  return names.find((name) => found.includes(name));
}
