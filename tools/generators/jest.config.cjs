const preset = require('../jest/preset.cjs')(__dirname);
// What is generated is built and tested in child processes: no backend is loaded here.
module.exports = { ...preset, testMatch: ['<rootDir>/*.spec.mjs'], setupFilesAfterEnv: [] };
