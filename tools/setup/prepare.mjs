// What `npm start` and `npm test` have in common: from a fresh clone to a built workspace.
import path from 'node:path';
import { install } from './install.mjs';
import { ROOT, capture, step } from './steps.mjs';

export async function prepare() {
  await step('dependencies', install);
  await step('native backend', setUpNativeBackend);
  await step('build', build);
}

async function setUpNativeBackend() {
  const output = await capture(process.execPath, [path.join(ROOT, 'tools/native-backend/setup.mjs'), '--quick']);
  return output
    .trim()
    .replace(/^native backend /, '')
    .replace(/ \[[\d.]+ s\]$/, '');
}

async function build() {
  await capture(process.execPath, [path.join(ROOT, 'node_modules/typescript/bin/tsc'), '-b']);
  return 'tsc -b';
}
