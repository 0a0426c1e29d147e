// Inversify is some hundred small modules, which jest would find, read and compile again for each test file: here they
// are one, made when first needed. reflect-metadata stays as it is, since it is the one of the decorated classes.
const { existsSync, renameSync } = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '../..');

module.exports = () => {
  const { version } = require(path.join(root, 'node_modules/inversify/package.json'));
  const file = path.join(root, `node_modules/.cache/jest/inversify-${version}.cjs`);
  if (existsSync(file)) return file;
  const written = `${file}.${process.pid}`;
  require('esbuild').buildSync({
    entryPoints: [require.resolve('inversify')],
    outfile: written,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    keepNames: true,
    external: ['reflect-metadata'],
  });
  renameSync(written, file); // Another run may be making the same.
  return file;
};
