const preset = require('../jest/preset.cjs')(__dirname);
// What is tested here is arithmetic on plain numbers: no backend is loaded.
module.exports = { ...preset, testMatch: ['<rootDir>/*.spec.mjs'], setupFilesAfterEnv: [] };
