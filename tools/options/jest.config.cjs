const preset = require('../jest/preset.cjs')(__dirname);
// The built packages, in child processes and as TypeScript sees them: no backend is loaded here.
module.exports = { ...preset, testMatch: ['<rootDir>/*.spec.mjs'], setupFilesAfterEnv: [] };
