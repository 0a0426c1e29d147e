const preset = require('../jest/preset.cjs')(__dirname);
// The rules are tried in a process of their own: no backend is loaded here.
module.exports = { ...preset, testMatch: ['<rootDir>/*.spec.mjs'], setupFilesAfterEnv: [] };
