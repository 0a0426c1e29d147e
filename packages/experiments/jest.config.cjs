const preset = require('../../tools/jest/preset.cjs')(__dirname);
// Some tests start what is built.
module.exports = { ...preset, globalSetup: require.resolve('../../tools/jest/build.cjs') };
