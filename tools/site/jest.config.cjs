const preset = require('../jest/preset.cjs')(__dirname);
// The site is built in a child process, and what else is tested here works on texts: no backend is loaded.
module.exports = { ...preset, testMatch: ['<rootDir>/*.spec.mjs'], setupFilesAfterEnv: [] };
