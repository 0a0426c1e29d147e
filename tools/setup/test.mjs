// `npm test`: from a fresh clone to the results of all checks. Arguments after `--` go to jest; the checks of the whole
// tree (format, lint) are then left out, because somebody is working on one test.
import './requirements.mjs';
import fs from 'node:fs';
import path from 'node:path';
import { bestBackend } from './best-backend.mjs';
import { prepare } from './prepare.mjs';
import { RESULTS } from './results.mjs';
import { ROOT, begin, capture, main, npm, show } from './steps.mjs';

await main(async () => {
  const args = process.argv.slice(2);
  fs.rmSync(RESULTS, { force: true });
  await prepare();
  if (args.length > 0) return runJest(args);
  // Lint is one process, most of whose time goes into types: beside the tests it uses what a processor has to spare.
  const checked = begin(checkTree);
  const code = await runJest(args);
  await checked('format, lint');
  return code;
});

async function checkTree() {
  await npm(['run', '--silent', 'format:check']);
  return `prettier, ${await lint()}`;
}

// Through Nx, whose cache knows that a change in one file can change what is said of another, as ESLint's own does not.
async function lint() {
  const nx = path.join(ROOT, 'node_modules/.bin/nx');
  const env = { ...process.env, NX_DAEMON: 'false', NX_ISOLATE_PLUGINS: 'false' };
  const output = await capture(nx, ['run', '@flatmin/workspace:lint', '--output-style=static'], env);
  return /instead of running the command/.test(output) ? 'eslint, from the cache' : 'eslint';
}

function runJest(args) {
  const backend = process.env.FLATMIN_BACKEND || bestBackend();
  console.log(`${'tests'.padEnd(14)} jest, on the backend ${backend}`);
  const jest = path.join(ROOT, 'node_modules/jest/bin/jest.js');
  const report = ['--json', `--outputFile=${RESULTS}`];
  // Forced, so that a test cannot pass on a backend it was not meant for. The log level is for bindings that are not
  // ours: inside jest's sandbox process.env is a copy, and TensorFlow reads the real one.
  const env = { TF_CPP_MIN_LOG_LEVEL: '2', ...process.env, FLATMIN_BACKEND: backend, FLATMIN_BUILT: '1' };
  return show(process.execPath, [jest, '--maxWorkers=2', ...report, ...args], env);
}
