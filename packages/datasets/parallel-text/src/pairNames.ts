import { partOfName, type PartName } from '@flatmin/data';

/** Where several stems are of one part, such as `valid` and `dev`, the first of these is taken. */
const preferred = ['train', 'valid', 'validation', 'val', 'dev', 'test'];

export type PairPart = PartName;
export type PairNames = Readonly<Record<'source' | 'target', string>>;

/** What follows the name of a part and is not a language. */
const formats = /^(csv|tsv|jsonl?|ndjson|txt|bin|idx|gz|zip|tar)$/;

/** The dictionary's name in Debian's package trans-de-en. */
export const dingFile = 'de-en';

/** `train.de`, `valid.en.gz`: the stem and the language. */
const named = /^(.+?)\.([\w-]+?)(?:\.gz)?$/;

/** Languages of the train files, sorted. */
export function languagesIn(names: readonly string[]): readonly string[] {
  const found = names.flatMap((name) => {
    const [, stem = '', language = ''] = named.exec(name) ?? [];
    return partOfName(stem) === 'train' && !formats.test(language) ? [language] : [];
  });
  return [...new Set(found)].sort();
}

/** The two files of each part that is there, packed or not. */
export function pairsIn(
  names: readonly string[],
  { source, target }: PairNames,
): Partial<Readonly<Record<PairPart, PairNames>>> {
  const place = (stem: string): number => (preferred.indexOf(stem) + preferred.length + 1) % (preferred.length + 1);
  const stems = names
    .flatMap((name) => {
      const [, stem = '', language = ''] = named.exec(name) ?? [];
      return language === source || language === target ? [stem] : [];
    })
    .sort((a, b) => place(a) - place(b));
  const fileOf = (stem: string, language: string): string => {
    const name = `${stem}.${language}`;
    return !names.includes(name) && names.includes(`${name}.gz`) ? `${name}.gz` : name;
  };
  const parts: Partial<Record<PairPart, PairNames>> = {};
  for (const stem of stems) {
    const part = partOfName(stem);
    if (part !== undefined) parts[part] ??= { source: fileOf(stem, source), target: fileOf(stem, target) };
  }
  return parts;
}

/** The options that a folder's names tell, or undefined where they are not those of parallel text. */
export function detect(names: readonly string[]) {
  const [source, target, ...others] = languagesIn(names);
  if (source !== undefined && target !== undefined && others.length === 0) return { source, target };
  return names.includes(dingFile) ? { set: 'ding' as const } : undefined;
}
