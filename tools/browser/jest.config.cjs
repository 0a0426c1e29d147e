const preset = require('../jest/preset.cjs')(__dirname);
// Bundles of the built packages, and a page in Chromium: no backend is loaded here.
module.exports = { ...preset, testMatch: ['<rootDir>/*.spec.mjs'], setupFilesAfterEnv: [] };
