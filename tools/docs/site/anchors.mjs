// What VitePress leaves unchecked of the pages it has made: that anchors are there, and that links to elsewhere are
// addresses.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { repository } from '../../packages.mjs';
import { ROOT as root } from '../../setup/steps.mjs';

const entities = { '&quot;': '"', '&#39;': "'", '&lt;': '<', '&gt;': '>', '&amp;': '&' };
const unescaped = (text) => text.replaceAll(/&(quot|#39|lt|gt|amp);/g, (entity) => entities[entity]);

/** The values of an attribute. VitePress writes all of them in double quotes, and in code no bare tags. */
const attributes = (html, tag, name) =>
  [...html.matchAll(new RegExp(`<${tag}(?: [^>]*)? ${name}="([^"]*)"`, 'g'))].map(([, value]) => unescaped(value));

const inRepository = new RegExp(`^${repository}/(?:blob|tree)/main/([^#]*)`);

/**
 * Collects pages, by the path of their files from the root of the site, and says what is wrong with their links.
 *
 * @param base the address of the root.
 */
export function linkCheck(base) {
  const pages = new Map();
  const home = new URL(`https://site.invalid${base}`);

  function problemOf(link, from) {
    if (!URL.canParse(link, home.href + from)) return 'is not an address';
    const { hash, href, origin, pathname, protocol } = new URL(link, home.href + from);
    if (!/^https?:$/.test(protocol)) return `is ${href}, no address of the web`;
    if (origin !== home.origin) return problemElsewhere(href);
    const page = pages.get(decodeURI(pathname.slice(base.length)).replace(/(^|\/)$/, '$1index.html'));
    if (page === undefined) return 'is not a page';
    return hash === '' || page.ids.has(decodeURIComponent(hash.slice(1))) ? undefined : 'names no part of that page';
  }

  return {
    add(file, html) {
      pages.set(file, { ids: new Set(attributes(html, '[a-z]\\w*', 'id')), links: attributes(html, 'a', 'href') });
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

/** Files of the repository are looked for here; what others have is not. */
function problemElsewhere(href) {
  const [, file] = inRepository.exec(href) ?? [];
  return file === undefined || existsSync(path.join(root, decodeURI(file)))
    ? undefined
    : 'is not a file of the repository';
}
