// What is done on disk once the files of a new variant are written: it is linked, built, and its entry in the docs
// made.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gapsOf } from 'create-flatmin-plugin';
import { ROOT, capture, npm, step } from '../setup/steps.mjs';

/**
 * @param name the variant's id.
 * @param files of its package, from the root.
 */
export async function finish(name, files) {
  await makeKnown().catch((error) => {
    const rest = 'npm install, npm run options, npm run api, node tools/docs/writeVariants.mjs';
    throw new Error(
      `The files are written and registered, but what follows failed. Do by hand: ${rest}.\n${error.message}`,
    );
  });
  console.log(`\nTo fill in:\n\n${listOf(files)}\n`);
  console.log(`Then: npx jest --selectProjects @flatmin/${name}. It fails in C1 until a step is worked out by hand.`);
  console.log('CONTRIBUTING.md, "A new variant", goes through it.');
}

async function makeKnown() {
  const install = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline'];
  await step('npm install', () => npm(install).then(() => 'linked'));
  await step('build', () => node('node_modules/typescript/bin/tsc', '-b').then(() => 'tsc -b'));
  await step('options', () => node('tools/options/writeSpecOptions.mjs').then(() => 'src/specOptions.ts'));
  await step('build', () => node('node_modules/typescript/bin/tsc', '-b').then(() => 'tsc -b'));
  await step('docs', () => node('tools/docs/writeVariants.mjs').then(() => 'docs/reference/variants.md'));
  await step('API reports', () => node('tools/docs/reports/writeReports.mjs').then(() => 'etc/*.api.md'));
  // ESLint takes the tags of projects from the graph that Nx keeps.
  await step('project graph', () => node('node_modules/nx/dist/bin/nx.js', 'show', 'projects').then(() => 'nx'));
}

function node(script, ...args) {
  return capture(process.execPath, [path.join(ROOT, script), ...args]);
}

function listOf(files) {
  const gaps = gapsOf(files.map((file) => ({ path: file, text: readFileSync(path.join(ROOT, file), 'utf8') })));
  const places = gaps.map((gap) => `${gap.path}:${gap.line}`);
  const width = Math.max(...places.map((place) => place.length));
  return gaps.map(({ what }, i) => `  ${places[i].padEnd(width)}  ${what}`).join('\n');
}
