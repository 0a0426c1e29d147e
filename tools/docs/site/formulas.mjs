/**
 * Ends the build at a formula with a mistake in it, which the plugin shows in red; all others are not for Vue to read,
 * as TeX has braces of its own.
 */
function transformer(html) {
  if (/class='[^']*katex-error/.test(html)) throw new Error(`a formula cannot be set: ${html}`);
  return html.replaceAll('<span class="katex', '<span v-pre class="katex');
}

/** How formulas are written and set: as GitHub reads them, $...$ in a line and a fence of `math` by itself. */
export const formulas = {
  delimiters: 'dollars',
  mathFence: true,
  throwOnError: true,
  logger: () => /** @type {const} */ ('error'),
  transformer,
};
