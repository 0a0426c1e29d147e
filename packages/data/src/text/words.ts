/** Words, with apostrophes inside them, and any other mark by itself. */
const word = /[\p{L}\p{M}\p{N}]+(?:['’][\p{L}\p{M}\p{N}]+)*|[^\s\p{L}\p{M}\p{N}]/gu;

/**
 * The words and punctuation marks of a text, in order: runs of letters, combining marks and digits (with apostrophes
 * between them), and every other character that is not a space, on its own.
 *
 * @param options `lowerCase`: by Unicode's rules, not those of a language; default true.
 * @example
 * ```ts
 * words("Don't stop!"); // "don't", "stop", "!"
 * ```
 */
export function words(text: string, { lowerCase = true }: { readonly lowerCase?: boolean } = {}): string[] {
  return (lowerCase ? text.toLowerCase() : text).match(word) ?? [];
}

/** The parts of a text between spaces: the tokens of text that has been tokenized before. */
export function spaced(text: string): string[] {
  return text.match(/\S+/g) ?? [];
}
