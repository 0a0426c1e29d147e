// What is wrong with each archive named, as JSON: a program, since publint and Are the Types Wrong are
// ES modules that jest's sandbox cannot load. One process for all: each of them takes longer to start than to check.
//   node tools/e2e/tarballs.mjs archive...
import * as attw from '@arethetypeswrong/core';
import fs from 'node:fs';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { problemsOf } from './tarballRules.mjs';

/** Of ES modules alone: `require` gets one from Node 20.19 on, which TypeScript's oldest modes do not know. */
const ESM_ONLY = ['node10', 'node16-cjs'];

async function check(file) {
  const data = fs.readFileSync(file);
  const pkg = attw.createPackageFromTarballData(new Uint8Array(data));
  const root = `/node_modules/${pkg.packageName}/`;
  const contents = new Map(pkg.listFiles().map((name) => [name.slice(root.length), pkg.readFile(name)]));
  return { own: problemsOf(contents, data.byteLength), publint: await lint(data), types: await typeProblems(pkg) };
}

async function lint({ buffer, byteLength, byteOffset }) {
  const archive = buffer.slice(byteOffset, byteOffset + byteLength);
  const { messages, pkg } = await publint({ pack: { tarball: archive }, strict: true });
  return messages.map((message) => formatMessage(message, pkg, { color: false }));
}

async function typeProblems(pkg) {
  const analysis = await attw.checkPackage(pkg);
  if (!analysis.types) return ['has no types'];
  /** @type {readonly { kind: string, entrypoint?: string, resolutionKind?: string }[]} some are of the whole package */
  const problems = analysis.problems;
  return problems
    .filter(({ resolutionKind }) => !ESM_ONLY.includes(resolutionKind ?? ''))
    .map(({ kind, entrypoint, resolutionKind }) => `${kind} of "${entrypoint}" for ${resolutionKind}`);
}

const names = process.argv.slice(2);
const results = [];
for (const name of names) results.push(await check(name));
console.log(JSON.stringify(results));
