import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { gapsOf } from 'create-flatmin-plugin';
import {
  apply,
  byHand,
  description,
  run,
  TemporaryFolders,
} from '../../packages/create-flatmin-plugin/src/folders.fixture.js';
import { generateVariant } from './generateVariant.mjs';
import { root, treeOfRepository, writeWorkspace } from './workspace.fixture.mjs';

const project = 'packages/variants/p-norm-sam';
const bin = (name) => path.join(root, 'node_modules', name);

describe('a variant of this repository, generated', () => {
  const folders = new TemporaryFolders();
  let workspace;
  let files;
  const node = (...args) => run(process.execPath, args, workspace);
  const typesAreRight = () => {
    const { output, status } = node(bin('typescript/bin/tsc'), '-b', 'tsconfig.spec.json');
    expect({ status, output }).toEqual({ status: 0, output: '' });
  };
  const formatIsRight = () => {
    const { output, status } = node(
      bin('prettier/bin/prettier.cjs'),
      '--check',
      // Manifests are formatted as they are written to disk, by Nx.
      ...files.filter((file) => !/\.(md|json)$/.test(file)),
    );
    expect({ status, output: status === 0 ? '' : output }).toEqual({ status: 0, output: '' });
  };
  // On cpu, whatever this run has: one backend, one count of checks.
  const test = (...args) => {
    const { FLATMIN_BACKEND: forced } = process.env;
    process.env.FLATMIN_BACKEND = 'cpu';
    try {
      return node(bin('jest/bin/jest.js'), '--config', `${project}/jest.config.cjs`, ...args);
    } finally {
      if (forced === undefined) delete process.env.FLATMIN_BACKEND;
      else process.env.FLATMIN_BACKEND = forced;
    }
  };

  beforeAll(() => {
    workspace = realpathSync(folders.make());
    const tree = treeOfRepository();
    files = generateVariant(tree, { name: 'p-norm-sam', description });
    writeWorkspace(workspace, tree, project);
  });
  afterAll(() => folders.remove());

  it('is right in types and format as generated, and its test fails with what is to be filled in, and where', () => {
    typesAreRight();
    formatIsRight();
    const { output, status } = test('--testNamePattern', 'C1 ');
    expect(output).toContain(
      'C1 one step on 1/2 |w|^2, in src/conformance.spec.ts: fill in steps[0].weights.kernel, ' +
        'steps[0].metrics.perturbationNorm: by hand, from the formula, not from what the code gives',
    );
    expect(output).toMatch(/1 failed/);
    expect(status).toBe(1);
  });

  it('passes the whole kit once the same formula is filled in as in a repository of its own', () => {
    const sources = byHand
      .slice(byHand.indexOf('diff --git a/src/'))
      .replaceAll('conformance.test.ts', 'conformance.spec.ts');
    apply(sources, path.join(workspace, project));
    const written = files.filter((file) => file.includes('/src/'));
    const texts = written.map((file) => ({ path: file, text: readFileSync(path.join(workspace, file), 'utf8') }));
    expect(gapsOf(texts)).toEqual([]);
    typesAreRight();
    formatIsRight();
    const { output, status } = test();
    expect({ status, output: status === 0 ? '' : output }).toEqual({ status: 0, output: '' });
    // C14 is left out, as there is no reference. jest cannot skip a test that has begun: what C17 leaves out on cpu it
    // says, and passes.
    expect(output).toMatch(/Tests: +1 skipped, 18 passed, 19 total/);
    expect(output.match(/skipped: (C\d+) /g)).toEqual(['skipped: C17 ']);
    expect(output).toMatch(/skipped: C17 .*they need the native backend, and this is cpu/);
  });
});

it('is found by nx g variant without the name of its collection', () => {
  const { output, status } = run(
    process.execPath,
    [bin('nx/dist/bin/nx.js'), 'g', 'variant', 'p-norm-sam', '--dry-run'],
    root,
  );
  expect({ status, output }).toEqual({
    status: 0,
    output: expect.stringMatching(/CREATE packages\/variants\/p-norm-sam/),
  });
  expect(output).toMatch(/UPDATE packages\/flatmin\/src\/optimizers\.ts/);
});
