const { readdirSync, existsSync } = require('node:fs');
const path = require('node:path');
const folders = ['packages', 'packages/variants', 'packages/datasets', 'packages/models', 'tools'].flatMap((folder) =>
  readdirSync(path.join(__dirname, folder)).map((name) => path.join(__dirname, folder, name)),
);
module.exports = {
  projects: folders.filter((folder) => existsSync(path.join(folder, 'jest.config.cjs'))),
  // Jest takes it from here alone where there are several projects; a busy machine needs seconds to load a backend.
  testTimeout: 30_000,
};
