import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { WarmCommand } from '../terminal/command.fixture.js';
import type { Outcome } from '../terminal/warmNode.fixture.js';

// The command in a project with packages of others.
const repository = path.join(__dirname, '../../../..');
let project = '';
const command = new WarmCommand();
const flatmin = (...args: string[]): Promise<Outcome> => command.run(args, project);

/** The packages of docs/examples, one of each kind. */
const ofOthers = {
  variant: 'flatmin-linf-sam',
  meta: 'flatmin-trust-radius',
  base: 'flatmin-signum',
  dataset: 'flatmin-two-moons',
  model: 'flatmin-rezero-mlp',
};

/** Installs a package of one file. */
async function install(name: string, source: string, more: object = {}): Promise<void> {
  const folder = path.join(project, 'node_modules', name);
  await mkdir(folder, { recursive: true });
  await writeFile(
    path.join(folder, 'package.json'),
    JSON.stringify({ name, type: 'module', main: 'index.js', ...more }),
  );
  await writeFile(path.join(folder, 'index.js'), source);
}

/** Options of any kind: a Standard Schema without a library. */
const schema = `{ '~standard': { version: 1, vendor: 'acme', validate: (value) => ({ value }) } }`;
const pluginText = (fields: string): string =>
  `{ kind: 'variant', id: 'acme', apiVersion: 1, options: ${schema}, create: () => ({}), ${fields} }`;

beforeAll(async () => {
  project = await mkdtemp(path.join(tmpdir(), 'flatmin-'));
  await mkdir(path.join(project, 'node_modules/@flatmin'), { recursive: true });
  // As if installed: links, so that there is one copy of core.
  const link = (from: string, name: string): Promise<void> =>
    symlink(path.join(repository, from), path.join(project, 'node_modules', name), 'junction');
  for (const [kind, name] of Object.entries(ofOthers)) await link(`docs/examples/third-party-${kind}`, name);
  await link('packages/core', '@flatmin/core');
  await link('node_modules/inversify', 'inversify');
  await link('node_modules/@tensorflow', '@tensorflow');
});
afterAll(async () => {
  command.end();
  await rm(project, { recursive: true });
});

describe('flatmin plugins --plugin', () => {
  it('lists what an installed package has, with its options', async () => {
    const { code, out, err } = await flatmin('--plugin', 'flatmin-linf-sam', 'plugins', 'linf-sam');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^linf-sam \(variant\)\nSAM whose ball is a cube/);
    expect(out).toContain('rho  number >= 0 | schedule, default 0.001');
  });

  it('has them in the JSON Schema of configs', async () => {
    const { code, out, err } = await flatmin('schema', '--plugin', 'flatmin-linf-sam', '--plugin', 'absent');
    expect({ code, err }).toEqual({ code: 1, err: expect.stringMatching(/^flatmin: absent was refused/) as unknown });
    const { $defs } = JSON.parse(out) as { $defs: Record<string, unknown> };
    expect(Object.keys($defs)).toEqual(
      expect.arrayContaining(['variant-linf-sam', 'variant-sam', 'dataset-image-folder']),
    );
  });

  it('refuses the bad ones by name with the remedy, loads nothing unnamed, and the rest works', async () => {
    await install('throws', `throw new Error('no license');`);
    await install('too-new', `export default ${pluginText(`apiVersion: 9`)};`);
    await install('taken', `export default ${pluginText(`id: 'sam'`)};`);
    await install('empty', `export const plugin = 1;`);
    await install('hidden', ``, { main: undefined, exports: { './other': './index.js' } });
    await install('compiled', `exports.__esModule = true; exports.default = ${pluginText(`id: 'compiled'`)};`, {
      type: 'commonjs',
    });
    await install('several', `export default [${pluginText(`id: 'one'`)}, ${pluginText(`id: 'two'`)}];`);
    const trace = path.join(project, 'loaded.txt');
    await install(
      'unnamed',
      `import fs from 'node:fs'; fs.writeFileSync(${JSON.stringify(trace)}, ''); export default 1;`,
    );
    const names = [
      'throws',
      'too-new',
      'taken',
      'empty',
      'hidden',
      'absent',
      'data:text/javascript,',
      'compiled',
      'several',
    ];
    const { code, out, err } = await flatmin('plugins', '--json', ...names.flatMap((name) => ['--plugin', name]));
    expect(err.trim().split('\n')).toEqual([
      expect.stringMatching(
        /^flatmin: throws was refused \(PLUGIN_NOT_LOADED\): it threw when it was imported: no license\. Report/,
      ),
      expect.stringMatching(
        /^flatmin: too-new was refused \(PLUGIN_API_VERSION\): .*"acme" was made for plugin API version 9.*Install/,
      ),
      expect.stringMatching(/^flatmin: taken was refused \(PLUGIN_DUPLICATE\): plugin id "sam".* is taken.*Remove/),
      expect.stringMatching(/^flatmin: empty was refused \(PLUGIN_NOT_LOADED\): it has no default export\. It must be/),
      expect.stringMatching(/^flatmin: hidden was refused \(PLUGIN_NOT_LOADED\): it cannot be imported: .*exports/),
      expect.stringMatching(
        /^flatmin: absent was refused \(PLUGIN_NOT_LOADED\): it is not installed.*npm install absent/,
      ),
      expect.stringMatching(
        /^flatmin: data:.* was refused \(PLUGIN_NOT_LOADED\): it is neither the name of a package nor a path/,
      ),
    ]);
    const ids = (JSON.parse(out) as { id: string }[]).map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining(['compiled', 'one', 'two', 'sam', 'lets']));
    expect(ids).not.toContain('acme');
    expect(code).toBe(1);
    expect(existsSync(trace)).toBe(false);
  });
});

describe('case 25: a plugin that is a link to a folder elsewhere', () => {
  it('is told to be installed as a copy, where it does not find the core of the project', async () => {
    const elsewhere = await mkdtemp(path.join(tmpdir(), 'flatmin-linked-'));
    await writeFile(
      path.join(elsewhere, 'package.json'),
      JSON.stringify({ name: 'linked', type: 'module', main: 'index.js' }),
    );
    await writeFile(path.join(elsewhere, 'index.js'), `import '@flatmin/core'; export default [];`);
    await symlink(elsewhere, path.join(project, 'node_modules/linked'), 'junction');
    const { err } = await flatmin('plugins', '--plugin', 'linked');
    expect(err).toMatch(
      /^flatmin: linked was refused \(PLUGIN_NOT_LOADED\): .*Cannot find package '@flatmin\/core'.*--install-links.*npm pack/,
    );
    expect(err).not.toContain('dedupe');
    await rm(elsewhere, { recursive: true });
  });
});

/** Two clouds of points, one a class, and a linear model. */
const clouds = `
import { RandomStream } from '@flatmin/core';
import * as tf from '@tensorflow/tfjs-core';
const part = (seed) => ({
  size: 32,
  async *batches({ batchSize }) {
    const noise = new RandomStream(seed).normals(64);
    for (let at = 0; at < 32; at += batchSize) {
      const count = Math.min(batchSize, 32 - at);
      const y = Int32Array.from({ length: count }, (_, i) => (at + i) % 2);
      const x = Float32Array.from({ length: 2 * count }, (_, i) => noise[2 * at + i] + (y[i >> 1] ? 2 : -2));
      yield { x: tf.tensor2d(x, [count, 2]), y: tf.tensor1d(y, 'int32') };
    }
  },
});
const options = ${schema};
export default [
  {
    kind: 'dataset', id: 'clouds', apiVersion: 1, options,
    create: () => ({ id: 'clouds', inputShape: [2], classes: 2, train: part(1), validation: part(2), test: part(3) }),
  },
  {
    kind: 'model', id: 'linear', apiVersion: 1, options,
    create: (_, { classes }) => {
      const kernel = tf.variable(tf.zeros([2, classes]));
      return { description: 'linear', variables: [kernel], apply: (x) => tf.matMul(x, kernel), dispose: () => kernel.dispose() };
    },
  },
];
`;

/** A clock of its own, and checkpoints in one file. */
const services = `
import { tokens } from '@flatmin/core';
import { ContainerModule } from 'inversify';
import { appendFileSync } from 'node:fs';
const log = (line) => appendFileSync('storage.txt', line + '\\n');
export default new ContainerModule(({ bind, rebind }) => {
  let time = 0;
  rebind(tokens.Clock).toConstantValue({ now: () => 0, elapsed: () => (time += 1000) });
  bind(tokens.CheckpointStorage).toConstantValue({
    open: (place) => ({
      place,
      names: async () => [],
      read: async () => { throw new Error('nothing is here'); },
      write: async (name, bytes) => log('wrote ' + name + ' of ' + (bytes.length > 100)),
      remove: async () => {},
    }),
  });
});
`;

const config = {
  plugins: ['./clouds.js', 'flatmin-linf-sam'],
  dataset: { use: 'clouds' },
  model: { use: 'linear' },
  optimizer: { use: 'linf-sam', rho: 0.01, base: { use: 'sgd', learningRate: 0.1 } },
  epochs: 2,
  batchSize: 16,
  backend: 'cpu',
};

describe('flatmin train', () => {
  beforeAll(async () => {
    await writeFile(path.join(project, 'clouds.js'), clouds);
    await writeFile(path.join(project, 'services.js'), services);
    await writeFile(path.join(project, 'package.json'), '{ "type": "module" }');
    await mkdir(path.join(project, 'configs'));
    const inFolder = { ...config, plugins: ['../clouds.js', 'flatmin-linf-sam', 'absent'] };
    await writeFile(path.join(project, 'configs/mine.json'), JSON.stringify(inFolder));
    await writeFile(path.join(project, 'mine.json'), JSON.stringify(config));
  });

  it('trains a data set, a model and a variant of others, in spite of one that is refused, and goes on with them', async () => {
    const { code, out, err } = await flatmin('train', 'configs/mine.json', '--out', 'results/here');
    expect({ code, err }).toMatchObject({ code: 0 });
    expect(err).toMatch(/absent was refused/);
    expect(out).toMatch(/linf-sam\(sgd\) +1\.000/);
    const saved = JSON.parse(await readFile(path.join(project, 'results/here/config.json'), 'utf8')) as typeof config;
    expect(saved.plugins).toEqual(['../../clouds.js', 'flatmin-linf-sam', 'absent']);
    const again = await flatmin('train', '--resume', 'results/here', '--trust');
    expect(again).toMatchObject({
      code: 0,
      out: expect.stringMatching(/linf-sam\(sgd\) +1\.000/) as unknown as string,
    });
  });

  it('trains with a plugin of somebody else for each of its parts', async () => {
    const base = { use: 'signum', learningRate: 0.01 };
    const optimizer = { use: 'trust-radius', inner: { use: 'linf-sam', rho: 0.01, base } };
    const parts = { dataset: { use: 'two-moons' }, model: { use: 'rezero-mlp' }, optimizer };
    await writeFile(
      path.join(project, 'all.json'),
      JSON.stringify({ ...config, ...parts, plugins: Object.values(ofOthers), epochs: 3 }),
    );
    const { code, out, err } = await flatmin('train', 'all.json', '--out', 'results/all');
    expect({ code, err }).toMatchObject({ code: 0 });
    expect(err).not.toContain('refused');
    expect(out).toMatch(/trust-radius\(linf-sam\(signum\)\) +(0\.[89]|1\.0)/);
  });

  it('uses the services of a module: its clock, its storage of checkpoints', async () => {
    const { code, err } = await flatmin('train', 'mine.json', '--plugin', './services.js');
    expect({ code, err }).toMatchObject({ code: 0 });
    // Made at the clock's time; hours differ by zone.
    expect(err + (await readFile(path.join(project, 'storage.txt'), 'utf8'))).toContain(
      'wrote checkpoint-000004.flatmin of true',
    );
    const [made] = await import('node:fs').then(({ readdirSync }) => readdirSync(path.join(project, 'runs')));
    expect(made).toMatch(/^(1969-12-31|1970-01-01)T/);
    const lines = (await readFile(path.join(project, 'runs', made as string, 'metrics.jsonl'), 'utf8'))
      .trim()
      .split('\n');
    const end = JSON.parse(lines.at(-1) as string) as { readonly seconds: number };
    expect(Number.isInteger(end.seconds)).toBe(true);
    expect(existsSync(path.join(project, 'runs', made as string, 'checkpoint-seed-0'))).toBe(false);
  });

  it("security: loads nothing that a stranger's run folder names, unless the user names it or trusts the folder", async () => {
    const folder = path.join(project, 'stranger');
    const trace = path.join(project, 'ran.txt');
    await mkdir(folder);
    await writeFile(path.join(folder, 'package.json'), '{ "type": "module" }');
    await writeFile(
      path.join(folder, 'evil.js'),
      `import fs from 'node:fs'; fs.writeFileSync(${JSON.stringify(trace)}, ''); ${clouds}`,
    );
    const stranger = { ...config, plugins: ['./evil.js', 'flatmin-linf-sam'], epochs: 1 };
    await writeFile(path.join(folder, 'config.json'), JSON.stringify(stranger));
    await writeFile(path.join(folder, 'metrics.jsonl'), '');
    const commands = [
      ['train', '--resume', 'stranger'],
      ['train', '--resume', 'stranger', '--check'],
      ['train', '--resume', 'stranger', '--plugin', 'flatmin-linf-sam'],
      ['data', 'check', 'stranger/config.json'],
      ['data', 'preview', './stranger/config.json'],
    ];
    for (const command of commands) {
      const { code, err } = await flatmin(...command);
      expect({ command, code, err }).toEqual({
        command,
        code: 1,
        err: expect.stringMatching(
          /names plugins, which are code: \.\/evil\.js, flatmin-linf-sam\n.*would load .*--trust/s,
        ),
      });
    }
    expect(existsSync(trace)).toBe(false);
    const again = ['--plugin', 'flatmin-linf-sam', '--plugin', './stranger/evil.js'];
    expect(await flatmin('train', '--resume', 'stranger', ...again)).toMatchObject({ code: 0 });
    expect(existsSync(trace)).toBe(true);
    expect(await flatmin('data', 'check', 'stranger/config.json', '--trust')).toMatchObject({ code: 0 });
    // A config that the user gives by its name is the user's.
    expect(await flatmin('train', 'mine.json', '--check')).toMatchObject({ code: 0 });
    expect((await flatmin('train', 'mine.json', '--trust')).err).toMatch(/--trust is for the plugins of a run folder/);
  });

  it('says what is refused before the spec that needed it', async () => {
    await writeFile(path.join(project, 'bad.json'), JSON.stringify({ ...config, plugins: ['absent', './clouds.js'] }));
    const { code, err } = await flatmin('train', 'bad.json', '--check');
    expect(code).toBe(1);
    expect(err).toMatch(/absent was refused.*\n.*bad\.json has 1 problem.*\n.*optimizer.*"linf-sam" is not registered/);
  });
});
