const preset = require('../jest/preset.cjs')(__dirname);
// What is tested runs in child processes: no backend is loaded here.
module.exports = { ...preset, testMatch: ['<rootDir>/*.spec.mjs'], setupFilesAfterEnv: [] };
