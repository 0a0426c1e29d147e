const { readdirSync, existsSync } = require('node:fs');
const path = require('node:path');
const folders = ['packages', 'packages/variants', 'packages/datasets', 'packages/models', 'tools'].flatMap((folder) =>
  readdirSync(path.join(__dirname, folder)).map((name) => path.join(__dirname, folder, name)),
);
module.exports = {
  // Against what hangs. How long something takes on a busy machine is nothing that a test could know; jest hears a project's own
  // testTimeout only where the project runs alone.
  testTimeout: 600_000,
  // A worker that has grown so large is replaced after its file.
  workerIdleMemoryLimit: '1500MB',
  testSequencer: path.join(__dirname, 'tools/jest/sequencer.cjs'),
  projects: folders.filter((folder) => existsSync(path.join(folder, 'jest.config.cjs'))),
};
