// Writes data/digits.csv.gz into src/digitsArchive.ts, so that the data loads wherever the code does: node, browser,
// bundler. Run it after the data has changed: node packages/datasets/digits/embed.mjs
import { readFileSync, writeFileSync } from 'node:fs';

const archive = readFileSync(new URL('data/digits.csv.gz', import.meta.url)).toString('base64');
writeFileSync(
  new URL('src/digitsArchive.ts', import.meta.url),
  `/** data/digits.csv.gz as base64, written by embed.mjs. */\nexport const digitsArchive: string =\n  '${archive}';\n`,
);
