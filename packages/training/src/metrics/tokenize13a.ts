/** What Python's `str.split()` takes for space, so that lines fall into the same tokens. */
// eslint-disable-next-line no-control-regex -- Python has them among its spaces.
const spaces = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/u;

/** The parts between spaces. */
export function splitBySpaces(line: string): string[] {
  return line.split(spaces).filter((token) => token !== '');
}

const entities = [
  [/&quot;/g, '"'],
  [/&amp;/g, '&'],
  [/&lt;/g, '<'],
  [/&gt;/g, '>'],
] as const;

const rules = [
  // All ASCII punctuation but ' , - and the period stands alone.
  [/[ -&(-+:-@[-`{-~/]/gu, ' $& '],
  // Period and comma stand alone, but between digits.
  [/([^0-9])([.,])/gu, '$1 $2 '],
  [/([.,])([^0-9])/gu, ' $1 $2'],
  // A dash after a digit stands alone.
  [/([0-9])-/gu, '$1 - '],
] as const;

/**
 * The tokens of a line as mteval-v13a.pl of WMT has them, which is sacreBLEU's `13a`: entities of `"&<>` undone,
 * punctuation cut off.
 */
export function tokenize13a(line: string): string[] {
  const whole = line.trimEnd().replaceAll('<skipped>', '').replaceAll('-\n', '').replaceAll('\n', ' ');
  const plain = entities.reduce((text, [entity, sign]) => text.replace(entity, sign), whole);
  return splitBySpaces(rules.reduce((text, [pattern, by]) => text.replace(pattern, by), ` ${plain} `));
}
