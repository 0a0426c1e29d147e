const preset = require('../jest/preset.cjs')(__dirname);
// The reports are made in a child process from the built packages: no backend is loaded here.
module.exports = { ...preset, testMatch: ['<rootDir>/*.spec.mjs'], setupFilesAfterEnv: [] };
