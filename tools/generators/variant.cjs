// `npx nx g variant my-sam`. Nx loads CommonJS; the renderer is that of create-flatmin-plugin, which a fresh clone has
// not built.
const { formatFiles } = require('@nx/devkit');
const { spawnSync } = require('node:child_process');
const path = require('node:path');

const root = path.join(__dirname, '../..');

module.exports = async function variant(tree, options) {
  build('packages/create-flatmin-plugin');
  const { generateVariant } = await import('./generateVariant.mjs');
  const files = generateVariant(tree, options);
  await formatFiles(tree);
  return async () => {
    const { finish } = await import('./finish.mjs');
    await finish(options.name, files);
  };
};

function build(project) {
  const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-b', project], { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${project} cannot be built:\n${stdout}`);
}
