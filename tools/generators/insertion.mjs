// Lines put into source files in their order. A file that does not look as it should is an error: nothing is guessed.

/** What to do where a file has changed so that its lines are not found. */
const remedy = 'Put it there by hand, and teach tools/generators the new form of the file.';

/**
 * The text with `line` among the lines that match `pattern`, in the order of what its first group captures.
 *
 * @param file for the error.
 * @param key of the new line, as the group would capture it.
 */
export function insertSorted(text, { file, key, line, pattern }) {
  const lines = text.split('\n');
  const found = lines.flatMap((each, index) => {
    const match = pattern.exec(each);
    return match === null ? [] : [{ index, key: match[1] }];
  });
  if (found.length === 0)
    throw new Error(`${file} has no line like ${pattern}, beside which this belongs: ${line}. ${remedy}`);
  if (found.some((each) => each.key === key)) throw new Error(`${file} has ${key} already.`);
  const next = found.find((each) => each.key > key);
  lines.splice(next === undefined ? found.at(-1).index + 1 : next.index, 0, line);
  return lines.join('\n');
}

/** The text with `line` before the one line that is `anchor`. */
export function insertBefore(text, { anchor, file, line }) {
  const lines = text.split('\n');
  const index = lines.indexOf(anchor);
  if (index === -1 || lines.indexOf(anchor, index + 1) !== -1) {
    throw new Error(`${file} does not have the line "${anchor}" once, before which this belongs: ${line}. ${remedy}`);
  }
  lines.splice(index, 0, line);
  return lines.join('\n');
}
