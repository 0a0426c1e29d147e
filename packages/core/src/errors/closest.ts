import leven from 'leven';

/**
 * The name that was probably meant: the one with the fewest letters to change, where that is few enough; upper and
 * lower case are alike.
 *
 * @returns undefined where nothing comes close.
 */
export function closest(name: string, known: readonly string[]): string | undefined {
  // Longer words are unlike anything that is worth a suggestion.
  if (name.length > 60) return undefined;
  const written = name.toLowerCase();
  let found: { readonly name: string; readonly distance: number } | undefined;
  for (const each of known) {
    const longer = Math.max(each.length, name.length);
    const given = each.toLowerCase();
    // Letters in another order are one slip of the fingers, not two.
    const distance = written !== given && lettersOf(written) === lettersOf(given) ? 1 : leven(written, given);
    const isClose = distance <= Math.max(1, longer / 3) && distance < longer;
    if (isClose && (found === undefined || distance < found.distance)) found = { name: each, distance };
  }
  return found?.name;
}

const lettersOf = (word: string): string => [...word].sort().join('');

/** A name that was found so, as a remedy. */
export const didYouMean = (name: string): string => `Did you mean ${JSON.stringify(name)}?`;

/** The remedy for a name that nobody has: the one that was probably meant, or another remedy where none comes close. */
export function suggestion(name: string, known: readonly string[], otherwise: string): string {
  const meant = closest(name, known);
  return meant === undefined ? otherwise : didYouMean(meant);
}
