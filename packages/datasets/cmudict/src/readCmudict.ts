import { mapRecords, type RecordSource, type TokenPair } from '@flatmin/data';
import { type DataFolder, invalidFile, missingFile, openLines, type TextLine } from '@flatmin/data/node';
import { dictionaryIn } from './fileNames.js';

const vowels = 'AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW'.split(' ');
const consonants = 'B CH D DH F G HH JH K L M N NG P R S SH T TH V W Y Z ZH'.split(' ');
/** The 39 phones of the dictionary; vowels may carry a stress of 0, 1 or 2. */
const phones = new Set([
  ...consonants,
  ...vowels.flatMap((vowel) => [vowel, ...[0, 1, 2].map((stress) => vowel + stress)]),
]);

interface Entry {
  readonly word: string;
  readonly isVariant: boolean;
  readonly phones: readonly string[];
}

/**
 * Opens the dictionary: an entry a line, `WORD  PH1 PH2`, as `dict.txt`, `cmudict-0.7b` or `cmudict.dict` have it.
 * Every entry is checked. Kept are words of letters and apostrophes, one pronunciation each (the first); the lines are
 * read when they are asked for.
 *
 * @param stress `'strip'` leaves the digits of stress out: 39 phones; `'keep'`: 69.
 * @throws FlatminError DATA_FILE_MISSING, DATA_FILE_INVALID with file, offset and remedy.
 */
export async function readCmudict(folder: DataFolder, stress: 'strip' | 'keep'): Promise<RecordSource<TokenPair>> {
  const name =
    dictionaryIn(await folder.names()) ??
    missingFile(
      `${folder.path}/dict.txt`,
      'cannot be found, nor can cmudict-0.7b or cmudict.dict',
      'Give another `dir`.',
    );
  const file = await folder.open(name);
  const lines = await openLines(file, {
    keep: (line) => {
      if (/^(;;;.*|#.*|\s*)$/.test(line.text)) return false;
      const { word, isVariant } = parseEntry(file.name, line);
      return !isVariant && /^[A-Z']+$/.test(word) && /[A-Z]/.test(word);
    },
  });
  if (lines.size === 0) invalidFile(file.name, 0, 'it has no word', 'Is it the dictionary?');
  return mapRecords(lines, (line) => {
    const entry = parseEntry(file.name, line);
    const target = stress === 'keep' ? entry.phones : entry.phones.map((phone) => phone.replace(/\d$/, ''));
    return { source: [...entry.word], target };
  });
}

function parseEntry(file: string, { text, offset }: TextLine): Entry {
  const [head = '', ...rest] = text.replace(/ #.*$/, '').trim().split(/\s+/);
  const [, word = '', variant] = /^(.+?)(\(\d+\))?$/.exec(head) ?? [];
  const wrong = rest.find((phone) => !phones.has(phone));
  if (rest.length === 0 || wrong !== undefined) {
    const what = wrong === undefined ? 'no phone' : `${JSON.stringify(wrong.slice(0, 20))}, which is not a phone`;
    invalidFile(
      file,
      offset,
      `the entry ${JSON.stringify(head.slice(0, 40))} has ${what}`,
      'An entry is a word and its phones, such as "CAT  K AE1 T".',
    );
  }
  return { word: word.toUpperCase(), isVariant: variant !== undefined, phones: rest };
}
