// The same Markdown is read in the repository and on the site: its links are those of the repository, and are mapped
// here.
import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { repository } from '../../packages.mjs';
import { ROOT as root } from '../../setup/steps.mjs';
import { addressOf, pageAt } from './pages.mjs';

/** Anchors as GitHub makes them of headings, so that a link with one is right in both places. */
export const slugify = (heading) =>
  heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
    .replaceAll(' ', '-');

/** Where a link of a file leads: to a page of the site where there is one, else to the file in the repository. */
export function destinationOf(link, from) {
  const [, written, anchor] = /^([^#]*)(.*)$/.exec(link) ?? ['', link, ''];
  const target = path.posix.join(path.posix.dirname(from), decodeURI(written)).replace(/\/$/, '');
  const page = pageAt(target);
  if (page !== undefined) return `/${addressOf(page).replace(/(index)?\.md$/, '')}${anchor}`;
  const file = path.join(root, target);
  if (target.startsWith('..') || !existsSync(file)) throw new Error(`${from} links to ${link}, which is not there`);
  return `${repository}/${statSync(file).isDirectory() ? 'tree' : 'blob'}/main/${target}${anchor}`;
}

const isRelative = (link) => !/^([a-z][a-z\d+.-]*:|\/|#)/i.test(link);

/**
 * A plugin for the markdown-it of VitePress: maps links, and shows indented code as fenced code is shown.
 */
export function repositoryMarkdown(md) {
  md.renderer.rules.code_block = (tokens, index, ...others) => {
    tokens[index].info = 'text';
    return md.renderer.rules.fence(tokens, index, ...others);
  };
  md.core.ruler.push('repository-links', ({ tokens, env }) => {
    const from = path.posix.relative(root, env.realPath ?? env.path);
    const links = tokens.flatMap(({ children }) => children ?? []).filter(({ type }) => type === 'link_open');
    for (const token of links) {
      const link = token.attrGet('href');
      if (isRelative(link)) token.attrSet('href', destinationOf(link, from));
    }
  });
}
