// `npm run api`: writes what every published entry point exports into packages/*/etc, from the built packages. With
// --json it writes nothing and prints the reports, and what is wrong with them, for the test that compares them.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT as root } from '../../setup/steps.mjs';
import { entryPoints } from './entryPoints.mjs';
import { reportsOf } from './reports.mjs';

const reports = reportsOf(entryPoints(root), root);

/** Removes the reports of entry points that are no more, so that what stands in `etc` is what is published. */
function write() {
  const folders = new Set(reports.map(({ report }) => path.join(root, path.dirname(report))));
  for (const folder of folders) {
    mkdirSync(folder, { recursive: true });
    for (const file of readdirSync(folder)) if (file.endsWith('.api.md')) rmSync(path.join(folder, file));
  }
  for (const { report, text } of reports) writeFileSync(path.join(root, report), text);
}

if (process.argv.includes('--json')) process.stdout.write(JSON.stringify(reports));
else {
  write();
  const problems = reports.flatMap(({ name, problems }) => problems.map((each) => `${name}: ${each}`));
  console.log([`${reports.length} reports written`, ...problems].join('\n'));
  if (problems.length > 0) process.exitCode = 1;
}
