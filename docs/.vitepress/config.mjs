import { katex } from '@mdit/plugin-katex';
import path from 'node:path';
import { defineConfig } from 'vitepress';
import { buildExample } from '../../tools/browser/examplePage.mjs';
import { linkCheck } from '../../tools/docs/site/anchors.mjs';
import { formulas } from '../../tools/docs/site/formulas.mjs';
import { repositoryMarkdown, slugify } from '../../tools/docs/site/links.mjs';
import { repository } from '../../tools/packages.mjs';
import { addressOf, excluded, navigation, sidebar } from '../../tools/docs/site/pages.mjs';
import { ROOT as root } from '../../tools/setup/steps.mjs';

// Under a project's address on GitHub Pages, the site has a folder of its own.
const base = process.env.DOCS_BASE ?? '/';
const check = linkCheck(base);

export default defineConfig({
  title: 'flatmin',
  description: 'Sharpness-aware training for TensorFlow.js',
  lang: 'en',
  base,
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
  // core's API is one page, and the index of the search one file; both are loaded by those who want them alone.
  vite: { build: { chunkSizeWarningLimit: 4000 } },
  transformHtml: (html, _, { page }) => check.add(page.replace(/\.md$/, '.html'), html),
  buildEnd: ({ outDir }) => {
    const problems = check.problems();
    if (problems.length > 0) throw new Error(`links that lead nowhere:\n${problems.join('\n')}`);
    // What BrowserDemo shows. It imports the packages as they are built.
    buildExample(path.join(outDir, 'demo'));
  },
});
