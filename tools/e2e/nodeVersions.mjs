// Node versions to run under: the one that runs these tests, and one of each other major version that is supported.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { ROOT } from '../setup/steps.mjs';

/** The oldest that is supported, and the two later lines. */
const SUPPORTED = ['20.19.0', '22.23.3', '24.21.0'];

/** `{ version, binary }`, or `missing` with the reason in place of a binary. */
export function nodeVersions() {
  const major = (version) => version.split('.')[0];
  const others = SUPPORTED.filter((version) => major(version) !== major(process.versions.node));
  const script = path.join(ROOT, 'tools/setup/node-versions.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...others], {
    encoding: 'utf8',
    timeout: 600_000,
  });
  if (status !== 0) throw new Error(`tools/setup/node-versions.mjs failed:\n${stderr}`);
  return [{ version: process.versions.node, binary: process.execPath }, ...JSON.parse(stdout)];
}
