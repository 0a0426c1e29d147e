const preset = require('../../tools/jest/preset.cjs')(__dirname);
// What is generated is built and tested in child processes: no backend is loaded here.
module.exports = { ...preset, setupFilesAfterEnv: [] };
