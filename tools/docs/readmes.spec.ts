import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { WarmNode } from '../../packages/cli/src/terminal/warmNode.fixture.js';
import { markdownFiles, moduleOf } from './codeBlocks.js';
import { examplePackages } from './examplePackages.js';
import { registrationsOf } from './registrations.js';
import { publishedPackages } from '../packages.mjs';
import { ROOT as root } from '../setup/steps.mjs';

const folder = path.join(root, 'node_modules/.cache/readmes');
// Beside node_modules, so that packages are found as a reader's project finds them.
const fileOf = (place: string): string => path.join(folder, `${place.replaceAll(/[^\w]+/g, '-')}.mjs`);
const modules = markdownFiles(root).flatMap((file) => moduleOf(file, root) ?? []);

/** A process for each set of what programs import for good. */
const processes = new Map<string, WarmNode>();
let registrations: ReadonlyMap<string, string>;
beforeAll(async () => {
  for (const { place, code } of modules) writeFileSync(fileOf(place), code);
  registrations = await registrationsOf(
    modules.map(({ place }) => fileOf(place)),
    folder,
  );
});
afterAll(() => processes.forEach((node) => node.end()));

function processOf(file: string, code: string): WarmNode {
  // `node:test` runs its tests at the end of a process.
  const key = code.includes('node:test') ? file : (registrations.get(file) as string);
  const node = processes.get(key) ?? new WarmNode();
  processes.set(key, node);
  return node;
}

describe('the code of every README and guide', () => {
  const installed = path.join(folder, 'node_modules');
  mkdirSync(installed, { recursive: true });
  for (const example of examplePackages) {
    const link = path.join(installed, example.name);
    rmSync(link, { force: true });
    symlinkSync(example.folder, link, 'junction');
  }

  it.each(modules.map((each) => [each.place, each.code]))('%s runs', async (place, code) => {
    const file = fileOf(place);
    const { code: status, out, err } = await processOf(file, code).run(file, [], folder);
    expect({ status, output: status === 0 ? '' : `${out}${err}` }).toEqual({ status: 0, output: '' });
  });

  it.each(publishedPackages().map(({ place }) => place))('%s has a README with runnable code', (each) => {
    expect(modules.map(({ place }) => place)).toContain(path.join(each, 'README.md'));
  });
});
