const preset = require('../jest/preset.cjs')(__dirname);
// The site, the reports and the code of READMEs are made and run in child processes: no backend is loaded here.
module.exports = { ...preset, testMatch: ['<rootDir>/**/*.spec.{ts,mjs}'], setupFilesAfterEnv: [] };
