// Writes docs/reference/variants.md from the built packages; with --check it only says whether the page is as it would
// be.
import { readFileSync, writeFileSync } from 'node:fs';
import { describeOptions } from '@flatmin/core/plugin';
import { officialPlugins } from 'flatmin';
import { variantsPage } from './variantsPage.mjs';

const page = new URL('../../docs/reference/variants.md', import.meta.url);
const text = variantsPage(officialPlugins, describeOptions);
if (!process.argv.includes('--check')) writeFileSync(page, text);
else if (readFileSync(page, 'utf8') !== text) {
  console.error('docs/reference/variants.md is stale. Build, then run: node tools/docs/writeVariants.mjs');
  process.exitCode = 1;
}
