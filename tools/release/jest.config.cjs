const preset = require('../jest/preset.cjs')(__dirname);
// These tests run programs: no backend is loaded here.
module.exports = { ...preset, testMatch: ['<rootDir>/*.spec.mjs'], setupFilesAfterEnv: [] };
