// Prints what packages weigh in a page: `node tools/browser/sizes.mjs`.
import { sizeOf } from './bundles.mjs';

const rows = [
  ['@flatmin/core'],
  ['@flatmin/core', '@flatmin/sam'],
  ['@flatmin/core', '@flatmin/sam', '@flatmin/lets'],
  ['flatmin'],
  ['@tensorflow/tfjs-core'],
];
for (const names of rows) {
  const { gzip, minified } = await sizeOf(names, names[0].startsWith('@tensorflow') ? { external: [] } : {});
  console.log(`${names.join(' + ').padEnd(46)} ${minified.toFixed(0)} kB minified, ${gzip.toFixed(0)} kB gzip`);
}
