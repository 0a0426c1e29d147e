import { type DataFolder, invalidFile, openLines } from '@flatmin/data/node';
import { dingFile } from './pairNames.js';

/** Remarks on grammar, subject, use and other spellings: {m}, [zool.], (...), <...>. */
const remark = /\{[^{}]*\}|\[[^[\]]*\]|\([^()]*\)|<[^<>]*>/g;

/**
 * Whole sentences of the Ding dictionary, German and English. A line is `de | de :: en | en`, with as many entries on
 * both sides; kept are pairs of which both, without remarks, end as a sentence, have three words or more, and no
 * alternatives (`;` `/`), gaps (`...`) or placeholders (`jdn.`, `sth.`).
 *
 * @throws FlatminError DATA_FILE_INVALID for what is not UTF-8, or has no such sentences.
 */
export async function readDing(folder: DataFolder): Promise<readonly (readonly [string, string])[]> {
  const file = await folder.open(dingFile);
  const found = new Map<string, readonly [string, string]>();
  await openLines(file, {
    keep: ({ text }) => {
      for (const [german, english] of entriesOf(text)) {
        if (isSentence(german) && isSentence(english)) found.set(`${german}\n${english}`, [german, english]);
      }
      return false;
    },
  });
  if (found.size === 0) {
    invalidFile(file.name, 0, 'it has no sentences in two languages', 'Install the Debian package trans-de-en again.');
  }
  return [...found.values()];
}

function entriesOf(line: string): readonly (readonly [string, string])[] {
  if (line.startsWith('#')) return [];
  const sides = line.split(' :: ');
  const [german = [], english = []] = sides.map((side) => side.split('|').map(withoutRemarks));
  if (sides.length !== 2 || german.length !== english.length) return [];
  return german.map((entry, i) => [entry, english[i] as string]);
}

function withoutRemarks(entry: string): string {
  let [text, before] = [entry, ''];
  // Remarks stand within remarks.
  while (text !== before) [before, text] = [text, text.replace(remark, ' ')];
  return text
    .replace(/\s+/g, ' ')
    .replace(/ (?=[.!?,])/g, '')
    .trim();
}

function isSentence(text: string): boolean {
  if (!/[.!?]$/.test(text) || text.split(' ').length < 3) return false;
  return !/[;/…]|\.\.\.|\b(etw|jdn|jdm|jds|sth|sb)\./.test(text);
}
