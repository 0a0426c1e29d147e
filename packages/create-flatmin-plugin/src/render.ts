import ejs from 'ejs';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A file as it is written: its path from the package's folder, with slashes, and its text. */
export interface GeneratedFile {
  readonly path: string;
  readonly text: string;
}

/**
 * The text of a template.
 *
 * @param folder the template's folder, as a URL that ends with a slash.
 * @param name of the file to write; the template's has `.ejs` behind it.
 * @param values what the template names; a name without a value is an error.
 */
export function renderTemplate(folder: URL, name: string, values: object): string {
  const filename = fileURLToPath(new URL(`${name}.ejs`, folder));
  // Nothing is escaped: what is written is code and Markdown, not HTML.
  return ejs.render(readFileSync(filename, 'utf8'), { quoted, ...values }, { filename, escape: String });
}

/** A text as a TypeScript string, as Prettier would quote it with single quotes preferred. */
function quoted(text: string): string {
  const double = JSON.stringify(text);
  if (text.includes("'") && !text.includes('"')) return double;
  return `'${double.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}
