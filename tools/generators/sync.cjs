// `npx nx sync`: what all packages have alike. Nx loads CommonJS.
const { formatFiles } = require('@nx/devkit');

module.exports = async function sync(tree) {
  const { syncPackages } = await import('./syncPackages.mjs');
  syncPackages(tree);
  await formatFiles(tree);
  return { outOfSyncMessage: 'Packages differ from what all of them have alike.' };
};
