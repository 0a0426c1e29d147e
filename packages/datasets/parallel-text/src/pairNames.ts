/** Parts and how their files are called before the language: `train.de`, `valid.en`. */
const partNames = {
  train: ['train'],
  validation: ['valid', 'validation', 'val', 'dev'],
  test: ['test'],
} as const;

export type PairPart = keyof typeof partNames;
export type PairNames = Readonly<Record<'source' | 'target', string>>;

/** What follows the name of a part and is no language. */
const formats = /^(csv|tsv|jsonl?|ndjson|txt|bin|idx|gz|zip|tar)$/;

/** The dictionary's name in Debian's package trans-de-en. */
export const dingFile = 'de-en';

/** Languages of the train files, sorted. */
export function languagesIn(names: readonly string[]): readonly string[] {
  const found = names.flatMap((name) => /^train\.([\w-]+)$/.exec(name)?.[1] ?? []);
  return found.filter((language) => !formats.test(language)).sort();
}

/** The two files of each part that is there. */
export function pairsIn(
  names: readonly string[],
  { source, target }: PairNames,
): Partial<Readonly<Record<PairPart, PairNames>>> {
  const parts: Partial<Record<PairPart, PairNames>> = {};
  for (const part of ['train', 'validation', 'test'] as const) {
    const stem = partNames[part].find(
      (each) => names.includes(`${each}.${source}`) || names.includes(`${each}.${target}`),
    );
    if (stem !== undefined) parts[part] = { source: `${stem}.${source}`, target: `${stem}.${target}` };
  }
  return parts;
}

/** The options that a folder's names tell, or undefined where they are not those of parallel text. */
export function detect(names: readonly string[]) {
  const [source, target, ...others] = languagesIn(names);
  if (source !== undefined && target !== undefined && others.length === 0) return { source, target };
  return names.includes(dingFile) ? { set: 'ding' as const } : undefined;
}
