import { FlatminError } from './errors.js';

/** Where a plugin or an optimizer says which copy of this package made it; a spread carries it on. */
export const madeBy = Symbol.for('@flatmin/core/MadeBy');

/** Stands for this copy; another one in the same program has its own. */
export const thisCopy = Symbol('@flatmin/core');

/**
 * Refuses what another copy of this package made. Copies do not see each other's random numbers of losses, nor what
 * each other's steps are supplied with: mixed, they would compute something else than either, silently.
 *
 * @param what names it in the error: `plugin "acme-sam"`.
 * @throws FlatminError CORE_DUPLICATE.
 */
export function refuseOtherCopy(made: object, what: string): void {
  const copy = (made as { readonly [madeBy]?: symbol })[madeBy];
  if (copy === undefined || copy === thisCopy) return;
  throw new FlatminError(
    'CORE_DUPLICATE',
    `${what} was made with another copy of @flatmin/core than this one: two are installed. \`npm ls @flatmin/core\` shows where. If a ` +
      'folder of yours was linked (`npm install ../my-plugin`), it brings its own core: install it with `npm install ' +
      '--install-links ../my-plugin`, or from the tarball of `npm pack`. Otherwise install versions that agree on one copy, then run `npm dedupe`; a ' +
      'plugin package has core among its peerDependencies, never among its dependencies.',
  );
}
