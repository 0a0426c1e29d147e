import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { markdownFiles, moduleOf } from './codeBlocks.js';
import { examplePackages } from './examplePackages.js';
import { publishedPackages } from '../packages.mjs';
import { ROOT as root } from '../setup/steps.mjs';

const folder = path.join(root, 'node_modules/.cache/readmes');
const modules = markdownFiles(root).flatMap((file) => moduleOf(file, root) ?? []);

describe('the code of every README and guide', () => {
  const installed = path.join(folder, 'node_modules');
  mkdirSync(installed, { recursive: true });
  for (const example of examplePackages) {
    const link = path.join(installed, example.name);
    rmSync(link, { force: true });
    symlinkSync(example.folder, link, 'junction');
  }

  it.each(modules.map((each) => [each.place, each.code]))(
    '%s runs',
    (place, code) => {
      // Beside node_modules, so that packages are found as a reader's project finds them.
      const file = path.join(folder, `${place.replaceAll(/[^\w]+/g, '-')}.mjs`);
      writeFileSync(file, code);
      // A jest run by `describeVariant` examples has no globals here: they bring their own.
      const { status, stderr, stdout } = spawnSync(process.execPath, [file], {
        encoding: 'utf8',
        timeout: 500_000,
        cwd: folder,
      });
      expect({ status, output: status === 0 ? '' : `${stdout}${stderr}` }).toEqual({ status: 0, output: '' });
    },
    130_000,
  );

  it.each(publishedPackages().map(({ place }) => place))('%s has a README with runnable code', (each) => {
    expect(modules.map(({ place }) => place)).toContain(path.join(each, 'README.md'));
  });
});
