const preset = require('../jest/preset.cjs')(__dirname);
// These tests run the built packages in child processes: no backend is loaded here.
module.exports = { ...preset, testMatch: ['<rootDir>/*.spec.ts'], setupFilesAfterEnv: [] };
