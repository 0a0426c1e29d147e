// The last line of a CI run: `N passed, N failed[, N skipped]`, counted by jest. Exits with 0 only if nothing failed.
//   node tools/setup/results.mjs EXIT_CODE_OF_NPM_TEST
import fs from 'node:fs';
import path from 'node:path';
import { ROOT } from './steps.mjs';

export const RESULTS = path.join(ROOT, 'node_modules/.cache/flatmin/jest-results.json');

/** The line for jest's results, with the reason for whatever jest did not count itself. */
export function summarize(results, exitCode) {
  if (results === undefined)
    return { line: '0 passed, 1 failed', reason: 'The tests did not run: a step before them failed.' };
  const { numPassedTests: passed, numPendingTests: skipped, numRuntimeErrorTestSuites: broken } = results;
  const { failed, reason } = failures(results, exitCode, broken);
  return { line: `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`, failed, reason };
}

function failures({ numPassedTests: passed, numFailedTests: failed }, exitCode, broken) {
  if (broken > 0)
    return { failed: failed + broken, reason: `${broken} test files did not run; each counts as a failure.` };
  if (passed + failed === 0) return { failed: 1, reason: 'Jest ran no test.' };
  if (failed === 0 && exitCode !== 0)
    return { failed: 1, reason: `No test failed, but \`npm test\` ended with code ${exitCode}.` };
  return { failed };
}

function readResults() {
  try {
    return JSON.parse(fs.readFileSync(RESULTS, 'utf8'));
  } catch {
    return undefined;
  }
}

if (process.argv[1] === import.meta.filename) {
  const { line, failed, reason } = summarize(readResults(), Number(process.argv[2]));
  if (reason) console.log(reason);
  console.log(line);
  process.exitCode = failed === 0 ? 0 : 1;
}
