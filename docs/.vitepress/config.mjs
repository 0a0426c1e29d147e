import { katex } from '@mdit/plugin-katex';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { defineConfig } from 'vitepress';
import { buildExample } from '../../tools/browser/examplePage.mjs';
import { linkCheck } from '../../tools/docs/site/anchors.mjs';
import { formulas } from '../../tools/docs/site/formulas.mjs';
import { repositoryMarkdown, slugify } from '../../tools/docs/site/links.mjs';
import { repository } from '../../tools/packages.mjs';
import { addressOf, descriptionOf, excluded, navigation, sidebar } from '../../tools/docs/site/pages.mjs';
import { ROOT as root } from '../../tools/setup/steps.mjs';

// Under a project's address on GitHub Pages, the site has a folder of its own.
const base = process.env.DOCS_BASE ?? '/';
const check = linkCheck(base);

/** A flat minimum beside a sharp one. */
const icon =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#0b6fb3"/>' +
  '<path d="M3 7c2 0 3 16 5 16s2-12 4-12 3 10 8 10 7-6 9-14" fill="none" stroke="#fff" stroke-width="2.6" stroke-linecap="round"/></svg>';

export default defineConfig({
  title: 'flatmin',
  description: 'Sharpness-aware training for TensorFlow.js',
  lang: 'en',
  base,
  head: [['link', { rel: 'icon', type: 'image/svg+xml', href: `${base}icon.svg` }]],
  transformPageData: ({ filePath }) => ({ description: descriptionOf(filePath) }),
  // The READMEs of packages are pages too, so the sources are the whole repository.
  srcDir: '..',
  srcExclude: excluded,
  rewrites: addressOf,
  cacheDir: path.join(root, 'node_modules/.cache/vitepress'),
  markdown: {
    anchor: { slugify },
    headers: { slugify },
    toc: { slugify },
    config: (md) => md.use(repositoryMarkdown).use(katex, formulas),
  },
  themeConfig: {
    nav: navigation,
    sidebar,
    outline: [2, 3],
    search: { provider: 'local' },
    socialLinks: [{ icon: 'github', link: repository }],
  },
  // The index of the search is one file, which is loaded by those who search.
  vite: { build: { chunkSizeWarningLimit: 4000 } },
  transformHtml: (html, _, { page }) => check.add(page.replace(/\.md$/, '.html'), html),
  buildEnd: ({ outDir }) => {
    const problems = check.problems();
    if (problems.length > 0) throw new Error(`links that lead nowhere:\n${problems.join('\n')}`);
    writeFileSync(path.join(outDir, 'icon.svg'), icon);
    // What BrowserDemo shows. It imports the packages as they are built.
    buildExample(path.join(outDir, 'demo'));
  },
});
