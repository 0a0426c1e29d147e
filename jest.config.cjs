const { readdirSync, existsSync } = require('node:fs');
const path = require('node:path');
const folders = ['packages', 'packages/variants', 'packages/datasets', 'packages/models', 'tools'].flatMap((folder) =>
  readdirSync(path.join(__dirname, folder)).map((name) => path.join(__dirname, folder, name)),
);
// Jest hears a project's own testTimeout only where the project runs alone.
const testTimeout = 60_000;
module.exports = {
  testTimeout,
  projects: folders.filter((folder) => existsSync(path.join(folder, 'jest.config.cjs'))),
};
