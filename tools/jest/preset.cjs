// packages/<name>/jest.config.cjs: module.exports = require('<root>/tools/jest/preset.cjs')(__dirname);
const path = require('node:path');
const inversify = require('./inversify.cjs');
const root = path.join(__dirname, '../..');

// As loadBackend of @flatmin/backend sets it: inside the sandbox process.env is a copy, and TensorFlow reads the real
// one, here and in the workers, which inherit it.
if (process.arch === 'x64') process.env.TF_ENABLE_ONEDNN_OPTS ??= '1';

module.exports = (rootDir) => ({
  displayName: require(path.join(rootDir, 'package.json')).name,
  rootDir,
  testMatch: ['<rootDir>/src/**/*.spec.ts'],
  testEnvironment: path.join(__dirname, 'env-tf.cjs'),
  testEnvironmentOptions: { customExportConditions: ['@flatmin/source', 'node', 'node-addons'] },
  runtime: path.join(__dirname, 'runtime.cjs'),
  setupFilesAfterEnv: [path.join(__dirname, 'load-backend.cjs')],
  // Against what hangs; jest.config.cjs of the root has it too.
  testTimeout: 600_000,
  cacheDirectory: path.join(root, 'node_modules/.cache/jest'),
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1', '^inversify$': inversify() },
  transform: {
    '\\.[cm]?[jt]sx?$': [
      require.resolve('@swc/jest'),
      {
        swcrc: false,
        sourceMaps: 'inline',
        module: { type: 'commonjs' },
        jsc: {
          target: 'es2022',
          keepClassNames: true,
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
        },
      },
    ],
  },
  // Published as ES modules only.
  transformIgnorePatterns: [
    '/node_modules/(?!(inversify|@inversifyjs|import-meta-resolve|@clack|sisteransi|fast-[a-z-]+|vega|vega-[a-z]+|d3-[a-z]+|internmap|delaunator|robust-predicates)/)',
  ],
});
