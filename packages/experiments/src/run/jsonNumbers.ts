/** JSON has no NaN: it would come out as null, which reads as "not measured". */
const words: readonly unknown[] = ['NaN', 'Infinity', '-Infinity'];
const hasWord = /"(?:NaN|-?Infinity)"/;

/** JSON on one line, in which numbers that are not finite are words. */
export function jsonOf(value: object): string {
  return JSON.stringify(value, (_, each: unknown) =>
    typeof each === 'number' && !Number.isFinite(each) ? String(each) : each,
  );
}

/**
 * What {@link jsonOf} made a text of.
 *
 * @throws SyntaxError for text that is not JSON.
 */
export function parsedJson(text: string): unknown {
  const revive = (_: string, each: unknown): unknown => (words.includes(each) ? Number(each) : each);
  return JSON.parse(text, hasWord.test(text) ? revive : undefined);
}
