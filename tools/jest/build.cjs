// For projects whose tests start what is built, programs or threads: builds it once, before the first of them.
// `npm test` says in FLATMIN_BUILT that it has.
const { execFileSync } = require('node:child_process');
const path = require('node:path');

module.exports = (_, { displayName, rootDir }) => {
  if (process.env.FLATMIN_BUILT === '1') return;
  // The command is tested as it is installed, by the package flatmin.
  const place = displayName.name === '@flatmin/cli' ? path.join(rootDir, '../flatmin') : rootDir;
  execFileSync(process.execPath, [require.resolve('typescript/bin/tsc'), '-b', place], { stdio: 'inherit' });
};
