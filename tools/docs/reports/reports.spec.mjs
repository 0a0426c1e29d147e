import { beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { publishedPackages } from '../../packages.mjs';
import { ROOT as root } from '../../setup/steps.mjs';
import { entryPoints } from './entryPoints.mjs';

const entries = entryPoints(root);

const advice = [
  'Lines with + are what the built package exports, lines with - what its committed report says. If the change is meant, run',
  '`npm run api` and commit the report with it. A name or member that goes, or means something else, is a breaking change, `feat!:`',
  'or `fix!:`; one that comes is an addition, `feat:`. See docs/guides/versioning.md.',
].join('\n');

function expectCommitted(report, text) {
  const file = path.join(root, report);
  try {
    expect(text).toBe(existsSync(file) ? readFileSync(file, 'utf8') : '');
  } catch (error) {
    throw new Error(`${report} is stale.\n\n${error.message}\n\n${advice}`, { cause: error });
  }
}

describe('the API of the published packages', () => {
  let made;
  beforeAll(() => {
    const script = path.join(root, 'tools/docs/reports/writeReports.mjs');
    const { status, stderr, stdout } = spawnSync(process.execPath, [script, '--json'], {
      encoding: 'utf8',
      maxBuffer: 2 ** 26,
      timeout: 500_000,
    });
    if (status !== 0) throw new Error(`${script} failed; are the packages built (npx tsc -b)?\n${stderr}`);
    made = new Map(JSON.parse(stdout).map((each) => [each.report, each]));
  });

  it.each(entries.map(({ report }) => report))('is as in %s, with every name it needs and no any', (report) => {
    const { problems, text } = made.get(report);
    expect(problems).toEqual([]);
    expectCommitted(report, text);
  });

  it('is reported for every package that has types', () => {
    const exporting = publishedPackages().filter(({ manifest }) => manifest.types !== undefined);
    expect([...new Set(entries.map(({ folder }) => folder))]).toEqual(exporting.map(({ place }) => place));
  });

  it('has no report that is left over', () => {
    const committed = publishedPackages()
      .map(({ place }) => path.posix.join(place, 'etc'))
      .filter((folder) => existsSync(path.join(root, folder)))
      .flatMap((folder) => readdirSync(path.join(root, folder)).map((file) => path.posix.join(folder, file)));
    expect(committed.sort()).toEqual(entries.map(({ report }) => report).sort());
  });
});
