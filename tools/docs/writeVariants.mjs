// Writes docs/reference/variants.md from the built packages; with --check it only says whether the page is as it would
// be.
import { readFileSync, writeFileSync } from 'node:fs';
import { describeOptions } from '@flatmin/core/plugin';
import { officialPlugins } from 'flatmin';
import path from 'node:path';
import { publishedPackages } from '../packages.mjs';
import { variantsPage } from './variantsPage.mjs';

const page = new URL('../../docs/reference/variants.md', import.meta.url);
const packages = publishedPackages();
/** @param {{ readonly id: string }} plugin */
const readmeOf = ({ id }) => {
  const found = packages.find(({ manifest }) => manifest.name === `@flatmin/${id}`);
  if (found === undefined) throw new Error(`no package of the repository has the plugin ${id}`);
  return readFileSync(path.join(found.folder, 'README.md'), 'utf8');
};
const text = variantsPage(officialPlugins, describeOptions, readmeOf);
if (!process.argv.includes('--check')) writeFileSync(page, text);
else if (readFileSync(page, 'utf8') !== text) {
  console.error('docs/reference/variants.md is stale. Build, then run: node tools/docs/writeVariants.mjs');
  process.exitCode = 1;
}
