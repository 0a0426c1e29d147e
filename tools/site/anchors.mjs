// What VitePress leaves unchecked of the pages it has made: that anchors are there, and that links to elsewhere are addresses.

const attributes = (html, name) => [...html.matchAll(new RegExp(` ${name}="([^"]*)"`, 'g'))].map(([, value]) => unescaped(value));

const unescaped = (text) =>
  text.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');

/** The body of a page without its code, in which whatever looks like an attribute is text. */
const body = (html) => html.slice(html.indexOf('<body'));

/**
 * Collects pages, by the path of their files from the root of the site, and says what is wrong with their links.
 *
 * @param base the address of the root.
 */
export function linkCheck(base) {
  const pages = new Map();
  const problemOf = (link, from) => {
    const home = `https://site.invalid${base}`;
    if (!URL.canParse(link, home + from)) return 'is no address';
    const { hash, href, origin, pathname, protocol } = new URL(link, home + from);
    if (origin !== new URL(home).origin) return /^https?:$/.test(protocol) ? undefined : `is ${href}, no address of the web`;
    const page = pages.get(decodeURI(pathname.slice(base.length)).replace(/(^|\/)$/, '$1index.html'));
    if (page === undefined || hash === '') return undefined;
    return page.ids.has(decodeURIComponent(hash.slice(1))) ? undefined : 'names no part of that page';
  };
  return {
    add(file, html) {
      pages.set(file, { ids: new Set(attributes(body(html), 'id')), links: attributes(body(html), 'href') });
    },
    problems() {
      return [...pages].flatMap(([file, { links }]) =>
        [...new Set(links)].flatMap((link) => {
          const problem = problemOf(link, file);
          return problem === undefined ? [] : [`${file}: ${link} ${problem}`];
        }),
      );
    },
  };
}
