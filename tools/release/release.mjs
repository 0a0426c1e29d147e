// `npm run release`: versions, changelogs, a commit with its tags, and packages on npm, all made from the commits since
// the last release. A dry run, unless CI is set.
//   npm run release -- [--first-release] [--skip-publish | --publish-only]
import '../setup/requirements.mjs';
import { parseArgs } from 'node:util';
import fs from 'node:fs';
import path from 'node:path';
import { ROOT, StepFailed, capture, main, step } from '../setup/steps.mjs';
import { copyLicenses } from './licenses.mjs';
import { publishedPackages } from '../packages.mjs';
import { push, refuseUncommittedChanges, refuseWrongFirst, unclaimedBreaks } from './repository.mjs';

const dryRun = !process.env.CI || process.env.CI === 'false';

await main(async () => {
  const options = readOptions();
  await refuseUncommittedChanges();
  // Nx reads these when it is loaded.
  Object.assign(process.env, { NX_DAEMON: 'false', NX_ISOLATE_PLUGINS: 'false', NX_TUI: 'false' });
  const nx = await import('nx/release');
  if (!options['publish-only']) {
    const released = await makeRelease(nx, options['first-release']);
    if (released.length === 0) return 0;
  }
  return options['skip-publish'] ? 0 : publish(nx);
});

function readOptions() {
  const flag = /** @type {const} */ ({ type: 'boolean', default: false });
  try {
    const { values } = parseArgs({ options: { 'first-release': flag, 'skip-publish': flag, 'publish-only': flag } });
    return values;
  } catch (error) {
    throw new StepFailed(`${error.message}\nOptions: --first-release, --skip-publish, --publish-only.`);
  }
}

/** Versions, ranges and changelogs, in one commit with a tag for each package; returns a line for each. */
async function makeRelease({ release }, firstRelease) {
  await refuseWrongFirst(firstRelease);
  const unclaimed = firstRelease ? [] : await unclaimedBreaks(publishedPackages().map(({ manifest }) => manifest.name));
  const first = firstRelease ? { firstRelease, specifier: versionOnDisk() } : {};
  const { projectsVersionData } = await release({ dryRun, skipPublish: true, ...first });
  const lines = Object.entries(projectsVersionData)
    .filter(([, { newVersion }]) => newVersion)
    .map(
      ([name, { currentVersion, newVersion }]) =>
        `  ${name} ${firstRelease ? '' : `${currentVersion} -> `}${newVersion}`,
    );
  const verb = dryRun ? 'would be released' : 'released';
  console.log(lines.length === 0 ? 'Nothing to release.' : `\n${lines.length} packages ${verb}:\n${lines.join('\n')}`);
  for (const subject of unclaimed) console.log(`Only a patch, because its scope names no package: "${subject}"`);
  return lines;
}

/** The first release takes the versions as they stand. */
function versionOnDisk() {
  return JSON.parse(fs.readFileSync(path.join(ROOT, 'packages/core/package.json'), 'utf8')).version;
}

/** Nx leaves out what the registry has already, so that this can be started again where it stopped. */
async function publish({ releasePublish }) {
  if (dryRun) {
    console.log('\nA dry run: nothing was changed, nothing is pushed or published. In CI (CI=true) it is.');
    return 0;
  }
  await step('build', () => capture(process.execPath, [path.join(ROOT, 'node_modules/typescript/bin/tsc'), '-b']));
  copyLicenses();
  await step('push', push);
  const results = Object.values(await releasePublish({}));
  return results.every(({ code }) => code === 0) ? 0 : 1;
}
