import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { publishedPackages } from '../packages.mjs';

const root = path.join(import.meta.dirname, '../..');
// One or two packages of each kind are enough to see what a release does to them, and are quick.
const packages = [
  'core',
  'conformance',
  'data',
  'lets',
  'cli',
  'flatmin',
  'variants/sam',
  'variants/asam',
  'datasets/digits',
];
const models = ['models/blocks', 'models/mlp'];
const example = 'docs/examples/third-party-variant/package.json';
let workspace;

beforeAll(() => {
  workspace = fs.mkdtempSync(path.join(os.tmpdir(), 'flatmin-release-'));
  for (const each of ['package.json', '.gitignore', 'LICENSE', 'tools/packages.mjs', 'tools/setup', 'tools/release'])
    fs.cpSync(path.join(root, each), path.join(workspace, each), { recursive: true });
  for (const folder of [...packages, ...models]) {
    asOfFirstRelease(path.join('packages', folder, 'package.json'));
    change(folder, 'export {};\n');
  }
  asOfFirstRelease(example);
  // Bringing package-lock.json up to date needs the whole workspace and the registry.
  const nx = readJson(root, 'nx.json');
  nx.release.version.versionActionsOptions = { skipLockFileUpdate: true };
  fs.writeFileSync(path.join(workspace, 'nx.json'), JSON.stringify(nx));
  fs.symlinkSync(path.join(root, 'node_modules'), path.join(workspace, 'node_modules'), 'junction');
  git('init', '--quiet', '--initial-branch=main');
  git('config', 'user.name', 'A');
  git('config', 'user.email', 'a@example.invalid');
  fs.writeFileSync(path.join(workspace, '.git/info/exclude'), 'node_modules\n');
  commit('feat(core): everything');
});

afterAll(() => fs.rmSync(workspace, { recursive: true, force: true }));

describe('npm run release', () => {
  it('refuses uncommitted changes, and names them', () => {
    change('variants/sam', 'export const unsaved = 1;\n');
    expect(release(['--first-release'])).toMatchObject({
      status: 1,
      output: expect.stringMatching(/not committed:\n.*variants\/sam\/src\/index.ts[^]*Commit or stash/),
    });
    git('checkout', '--quiet', '.');
  });

  it('refuses to go on from a release that is not there', () => {
    expect(release([])).toMatchObject({ status: 1, output: expect.stringMatching(/no release yet.*--first-release/s) });
  });

  it('makes the first release of the versions as they stand, with a tag for each', () => {
    succeed(release(['--first-release'], { CI: 'true' }));
    const published = [...packages, ...models].map((folder) => `${manifest(folder).name}@0.1.0`);
    expect(tags()).toEqual(published.sort());
    expect(manifest('lets').peerDependencies['@flatmin/core']).toBe('^0.1.0');
    expect(release(['--first-release']).output).toMatch(/leave --first-release out/);
  });

  it('says what it would do, and does nothing, outside of CI', () => {
    change('variants/sam', 'export const feature = 1;\n');
    commit('feat(sam): a feature');
    const head = git('rev-parse', 'HEAD');
    const { output } = succeed(release([]));
    expect(output).toMatch(/2 packages would be released:\n( {2}(@flatmin\/sam|flatmin) 0\.1\.0 -> 0\.1\.1\n){2}/);
    expect(git('rev-parse', 'HEAD')).toBe(head);
    expect(git('status', '--porcelain')).toBe('');
    expect(manifest('variants/sam').version).toBe('0.1.0');
  });

  it('releases a package and what depends on it, and nothing else', () => {
    succeed(release([], { CI: 'true' }));
    expect(tags('HEAD')).toEqual(['@flatmin/sam@0.1.1', 'flatmin@0.1.1']);
    expect(changelog('variants/sam')).toMatch(/^## 0\.1\.1 .*\n\n### Features\n\n- \*\*sam:\*\* a feature\n/);
    expect(changelog('flatmin')).toMatch(/^## 0\.1\.1 .*\n\n.*\n\n- Updated @flatmin\/sam to 0\.1\.1\n/);
    const { dependencies } = manifest('flatmin');
    expect(dependencies).toMatchObject({ '@flatmin/sam': '^0.1.1', '@flatmin/asam': '^0.1.0' });
  });

  it('passes a break on to all that depends on it, through dependencies and peers', () => {
    change('core', 'export const other = 1;\n');
    commit('feat(core)!: another contract');
    change('variants/asam', 'export const other = 1;\n');
    commit('fix(as-am)!: a scope that names nothing');
    const { output } = succeed(release([], { CI: 'true' }));
    expect(output).toMatch(/Only a patch, because its scope names no package: "fix\(as-am\)!/);
    expect([...packages, ...models].map((folder) => manifest(folder).version)).toEqual(Array(11).fill('0.2.0'));
    expect(changelog('core')).toMatch(/^## 0\.2\.0 [^]*Breaking Changes\n\n- \*\*core:\*\* another contract/);
    expect(changelog('lets')).toMatch(/^## 0\.2\.0 [^]*- Updated @flatmin\/core to 0\.2\.0/);
    expect(manifest('lets').peerDependencies['@flatmin/core']).toBe('^0.2.0');
    expect(manifest('flatmin').optionalDependencies['@flatmin/cli']).toBe('^0.2.0');
    expect(manifest('datasets/digits').dependencies['@flatmin/data']).toBe('^0.2.0');
    expect(manifest('variants/sam').devDependencies['@flatmin/conformance']).toBe('0.2.0');
    expect(readJson(workspace, example).peerDependencies['@flatmin/core']).toBe('^0.2.0');
    expect(git('status', '--porcelain')).toBe('');
    expect(release([], { CI: 'true' }).output).toContain('Nothing to release.');
  });
});

describe('publishConfig', () => {
  it.each(publishedPackages().map(({ manifest }) => [manifest.name, manifest.publishConfig]))(
    'of %s is public, with provenance',
    (_, publishConfig) => expect(publishConfig).toEqual({ access: 'public', provenance: true }),
  );
});

function release(args, env = {}) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['tools/release/release.mjs', ...args, ...(env.CI ? ['--skip-publish'] : [])],
    { cwd: workspace, encoding: 'utf8', timeout: 500_000, env: { ...process.env, CI: '', NO_COLOR: '1', ...env } },
  );
  return { status, output: stdout + stderr };
}

/** Copies a manifest, with 0.1.0 for the version of every package of ours, whatever it is by now. */
function asOfFirstRelease(file) {
  const manifest = { ...readJson(root, file), version: '0.1.0' };
  for (const kind of ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'])
    for (const [name, range] of Object.entries(manifest[kind] ?? {}))
      if (/^(@flatmin\/|flatmin$)/.test(name)) manifest[kind][name] = range.replace(/[\d.]+/, '0.1.0');
  fs.mkdirSync(path.dirname(path.join(workspace, file)), { recursive: true });
  fs.writeFileSync(path.join(workspace, file), `${JSON.stringify(manifest, undefined, 2)}\n`);
}

function succeed(result) {
  expect(result).toMatchObject({ status: 0 });
  return result;
}

function git(...args) {
  const { status, stdout, stderr } = spawnSync('git', args, { cwd: workspace, encoding: 'utf8' });
  expect({ args, status, stderr: status === 0 ? '' : stderr }).toEqual({ args, status: 0, stderr: '' });
  return stdout.trim();
}

function commit(message) {
  git('add', '--all');
  git('commit', '--quiet', '--message', message);
}

function change(folder, source) {
  const file = path.join(workspace, 'packages', folder, 'src/index.ts');
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, source);
}

function tags(at) {
  return git('tag', ...(at ? ['--points-at', at] : []))
    .split('\n')
    .sort();
}

function readJson(...file) {
  return JSON.parse(fs.readFileSync(path.join(...file), 'utf8'));
}

function manifest(folder) {
  return readJson(workspace, 'packages', folder, 'package.json');
}

function changelog(folder) {
  return fs.readFileSync(path.join(workspace, 'packages', folder, 'CHANGELOG.md'), 'utf8');
}
