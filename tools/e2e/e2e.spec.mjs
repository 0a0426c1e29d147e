import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { publishedPackages } from '../packages.mjs';
import { nodeVersions } from './nodeVersions.mjs';
import { run } from './processes.mjs';
import {
  addPrograms,
  compile,
  createProject,
  dependenciesOf,
  install,
  isInstalled,
  nest,
  results,
  uninstall,
} from './projects.mjs';
import { checkTarballs, machineSettings, publishAll, startRegistry, strangers, unreachable } from './registry.mjs';

const MINUTES = 60_000;
const published = publishedPackages().map(({ manifest }) => manifest);
const withCommands = published.filter(({ bin }) => bin);
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'flatmin-e2e-'));
const project = path.join(folder, 'project');
let registry;

beforeAll(async () => {
  registry = await startRegistry(path.join(folder, 'registry'), await machineSettings());
  await publishAll(registry);
}, 5 * MINUTES);

afterAll(async () => {
  await registry?.stop();
  fs.rmSync(folder, { recursive: true, force: true });
});

describe('what is published', () => {
  let problems;
  beforeAll(async () => {
    problems = await checkTarballs(registry, published);
  }, 5 * MINUTES);

  it.each(published.map(({ name }) => name))('%s is well formed, typed, whole, and no more than that', (name) => {
    expect(problems[name]).toEqual({ own: [], publint: [], types: [] });
  });
});

// Everything that is not ours comes from the registry that npm uses on this machine.
const offline = unreachable();
if (offline === undefined || process.env.CI === 'true') describe('what is installed', whatIsInstalled);
else describe.skip(`what is installed: not without a registry that npm can reach (${offline})`, whatIsInstalled);

function whatIsInstalled() {
  const nodes = offline === undefined ? nodeVersions() : [];
  const parts = ['@flatmin/sam', '@flatmin/lets', '@tensorflow/tfjs', 'flatmin-linf-sam'];
  const others = [...withCommands, ...strangers.map(({ manifest }) => manifest)].map(({ name }) => name);
  let reference;

  it('can be had: the registry that npm uses is reached', () => expect(offline).toBeUndefined());

  it(
    'compares and trains by npx in an empty folder, where only flatmin was installed',
    async () => {
      createProject(project);
      await install(registry, project, ['flatmin']);
      expect(dependenciesOf(project)).toEqual(['flatmin']);
      const flatmin = (...args) => run('npx', ['--no', 'flatmin', '--', ...args], { cwd: project });
      const quick = ['--epochs', '1', '--seeds', '1', '--workers', '1', '--backend', 'cpu', '--out', 'quick'];
      expect(await flatmin('quickstart', ...quick)).toMatch(/LETS-SAM, robust .*[^]*report\.html/);
      const config = {
        dataset: { use: 'digits' },
        model: { use: 'mlp', hidden: [4] },
        optimizer: { use: 'sam', base: { use: 'sgd', learningRate: 0.1 } },
        ...{ epochs: 1, batchSize: 32, backend: 'cpu' },
      };
      fs.writeFileSync(path.join(project, 'config.json'), `// the smallest run\n${JSON.stringify(config)}`);
      expect(await flatmin('train', 'config.json', '--out', 'trained')).toMatch(/sam\(sgd\)[^]*Report: /);
      expect(fs.existsSync(path.join(project, 'trained/report.html'))).toBe(true);
    },
    5 * MINUTES,
  );

  it(
    'compiles as TypeScript, with every file of ours checked (nodenext)',
    async () => {
      addPrograms(project);
      await install(registry, project, [...new Set([...parts, ...others])]);
      const { complaints } = await compile(project, 'nodenext', ['--module', 'nodenext', '--skipLibCheck', 'false']);
      expect(complaints).toEqual([]);
    },
    5 * MINUTES,
  );

  it(
    'compiles as TypeScript (bundler)',
    async () => {
      const { complaints } = await compile(project, 'bundler', ['--module', 'esnext', '--moduleResolution', 'bundler']);
      expect(complaints).toEqual([]);
    },
    5 * MINUTES,
  );

  it(
    'trains: losses fall, rho stays where it is given, and LETS moves it',
    async () => {
      reference = await results(project, 'esm/train.js');
      const { sam, lets, umbrella } = reference;
      const losses = [sam, lets].map((steps) => steps.map(({ loss }) => loss));
      for (const [first, second, third] of losses) expect(first > second && second > third).toBe(true);
      expect(sam.map(({ radius }) => radius)).toEqual([0.05, 0.05, 0.05]);
      expect(new Set([0.01, ...lets.map(({ radius }) => radius)]).size).toBe(4);
      // The umbrella is told the same, as specs.
      expect(umbrella).toEqual({ sam, lets });
    },
    MINUTES,
  );

  for (const { version, binary, missing } of nodes) {
    const test = missing === undefined ? it.each : it.skip.each;
    test(['esm', 'cjs', 'ts/nodenext', 'ts/bundler'])(
      `trains to the same numbers on Node ${version}: %s${missing === undefined ? '' : ` (${missing})`}`,
      async (place) => expect(await results(project, `${place}/train.js`, binary)).toEqual(reference),
      MINUTES,
    );
  }

  it.each(withCommands.flatMap(({ bin, version }) => Object.keys(bin).map((command) => [command, version])))(
    'brings the command %s',
    async (command, version) => {
      const printed = await run('npx', ['--no', command, '--', '--version'], { cwd: project });
      expect(printed.trim()).toBe(version);
      if (!command.startsWith('create-')) return;
      await run('npx', ['--no', command, 'flatmin-my-sam'], { cwd: project });
      expect(JSON.parse(fs.readFileSync(path.join(project, 'flatmin-my-sam/package.json'), 'utf8')).name).toBe(
        'flatmin-my-sam',
      );
    },
    MINUTES,
  );

  it(
    'lists its plugins',
    async () => {
      expect(await run('npx', ['--no', 'flatmin', 'plugins'], { cwd: project })).toMatch(
        /^ {2}sam +Sharpness-Aware Minimization: /m,
      );
    },
    MINUTES,
  );

  it(
    'says so when a stranger’s package has a core of its own',
    async () => {
      const undo = nest(project, 'flatmin-linf-sam', '@flatmin/core');
      const refusal = {
        name: 'FlatminError',
        code: 'CORE_DUPLICATE',
        message: expect.stringContaining('npm ls @flatmin/core'),
      };
      expect(await results(project, 'esm/duplicate.js')).toEqual({ container: refusal, inner: refusal });
      undo();
    },
    MINUTES,
  );

  it(
    'trains where each package was installed by itself, a stranger’s among them',
    async () => {
      // npm takes away what nothing needs any more: what is left is what installing the parts alone gives.
      await uninstall(
        registry,
        project,
        others.filter((name) => !parts.includes(name)),
      );
      expect(dependenciesOf(project).sort()).toEqual([...parts].sort());
      for (const name of ['flatmin', '@flatmin/cli', '@flatmin/asam', 'vega']) {
        expect({ name, is: isInstalled(project, name) }).toEqual({ name, is: false });
      }
      const alone = await results(project, 'esm/parts.js');
      expect({ ...alone, umbrella: alone }).toEqual(reference);
    },
    5 * MINUTES,
  );
}
