// Which Markdown files of the repository are pages of the site, and at which address each stands.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { entriesOf, families, publishedPackages } from '../../packages.mjs';
import { ROOT as root } from '../../setup/steps.mjs';

const packages = publishedPackages();

/**
 * What VitePress is not to look at, among all Markdown files below the root: of a package, everything but its README.
 */
export const excluded = [
  ...['.*/**', 'coverage/**', 'runs/**', 'tools/**', 'README.md', 'docs/examples/*/*/**'],
  ...packages.flatMap(({ place }) => [`${place}/*/**`, `${place}/!(README).md`]),
];

const pagesOutside = new Set(['CONTRIBUTING.md', ...packages.map(({ place }) => `${place}/README.md`)]);
const isPage = (file) => pagesOutside.has(file) || /^docs\/(?!examples\/[^/]+\/.*\/)/.test(file);

/** docs/ is the root of the site, a README the page of its folder; `packages/core/README.md` is `packages/core.md`. */
export function addressOf(file) {
  const inDocs = file.replace(/^docs\//, '');
  if (inDocs !== file) return inDocs.replace(/(^|\/)README\.md$/, '$1index.md');
  return file.replace(/\/README\.md$/, '.md').replace(/^CONTRIBUTING\.md$/, 'contributing.md');
}

/** The file of a page that a path from the root means: itself, or the README or index of a folder. */
export function pageAt(target) {
  const candidates = target.endsWith('.md')
    ? [target]
    : ['README.md', 'index.md'].map((name) => path.posix.join(target, name));
  return candidates.find((file) => isPage(file) && existsSync(path.join(root, file)));
}

/** The title of a page: its first heading. */
function titleOf(file) {
  const [, title] = /^# (.+)$/m.exec(readFileSync(path.join(root, file), 'utf8')) ?? [];
  return title.replaceAll('`', '');
}

/** The first paragraph of a page without its markup, for those who find it elsewhere; undefined where it has none. */
export function descriptionOf(file) {
  const text = readFileSync(path.join(root, file), 'utf8').replace(/<!--[^]*?-->/g, '');
  const paragraph = text.split(/\n{2,}/).find((each) => /^[A-Za-z*`[]/.test(each.trim()));
  const words = paragraph?.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/[`*$]/g, '').replace(/\s+/g, ' ').trim(); // prettier-ignore
  return words !== undefined && words.length > 200 ? `${words.slice(0, words.lastIndexOf(' ', 197))} …` : words;
}

const linkOf = (file) => `/${addressOf(file).replace(/(index)?\.md$/, '')}`;
const item = (file, text = titleOf(file)) => ({ text, link: linkOf(file) });

/** In the order in which somebody reads them who begins. A guide that is not there yet is left out. */
const guides = [
  'use-a-variant',
  'choose-rho',
  'run-an-experiment',
  'compare-on-many-machines',
  'use-a-trained-model',
  'fine-tune',
  'look-at-a-minimum',
  'how-it-works',
  'troubleshoot',
  'plugins',
  'write-a-variant',
  'wrap-a-variant',
  'write-a-data-set',
  'services',
  'versioning',
];

const guideItems = guides
  .map((name) => `docs/guides/${name}.md`)
  .filter((file) => existsSync(path.join(root, file)))
  .map((file) => item(file));

const inFolder = (folder) =>
  readdirSync(path.join(root, folder))
    .filter((name) => name.endsWith('.md') && name !== 'README.md')
    .map((name) => item(path.posix.join(folder, name)));

const examplePackages = readdirSync(path.join(root, 'docs/examples'))
  .map((name) => path.posix.join('docs/examples', name, 'README.md'))
  .filter((file) => existsSync(path.join(root, file)))
  .map((file) => item(file));

const main = [
  { text: 'Start', items: [item('docs/index.md', 'flatmin')] },
  { text: 'Guides', items: guideItems },
  {
    text: 'Reference',
    items: [
      item('docs/reference/variants.md'),
      item('docs/reference/errors.md'),
      item('docs/reference/packages.md'),
      { text: 'Packages, one by one', link: '/packages/core' },
      { text: 'API', link: '/reference/api/' },
      item('docs/reference/benchmarks.md'),
      item('docs/reference/platforms.md'),
    ],
  },
  { text: 'Examples', items: examplePackages },
  { text: 'Studies', items: [...inFolder('docs/studies'), item('docs/studies/benchmarks/README.md')] },
  { text: 'Decisions', collapsed: true, items: [item('docs/decisions/README.md'), ...inFolder('docs/decisions')] },
  { text: 'Contributing', items: [item('CONTRIBUTING.md')] },
];

const byFamily = (itemsOf) =>
  families.map(({ place, title }) => ({ text: title, items: publishedPackages(root, [place]).flatMap(itemsOf) }));

const packagePages = byFamily(({ manifest, place }) => item(`${place}/README.md`, manifest.name));

const apiPages = byFamily((each) =>
  entriesOf(each)
    .filter(({ name, source }) => source !== undefined && !name.endsWith('/internal'))
    .map(({ name }) => ({ text: name, link: `/reference/api/${name.replace('@flatmin/', '')}/` })),
);

export const sidebar = { '/': main, '/packages/': packagePages, '/reference/api/': apiPages };

export const navigation = [
  { text: 'Guides', link: guideItems[0].link, activeMatch: '^/guides/' },
  { text: 'Variants', link: '/reference/variants' },
  { text: 'Packages', link: '/packages/core', activeMatch: '^/packages/' },
  { text: 'API', link: '/reference/api/', activeMatch: '^/reference/api/' },
  { text: 'Errors', link: '/reference/errors' },
];
