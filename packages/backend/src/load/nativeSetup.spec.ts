// The workspace's postinstall script, on a copy of it with modules of its own: the real link is not touched.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { hasNativeBackend, root, runChild } from './child.fixture.js';

const tool = path.join(root, 'tools/native-backend');
const packageName = 'node_modules/@tensorflow/tfjs-node';
const link = `${packageName}/lib/napi-v8/tfjs_binding.node`;
const oneLine = /^native backend .*\n$/;

let copy: string;
beforeAll(() => {
  copy = fs.mkdtempSync(path.join(os.tmpdir(), 'native-backend-'));
  fs.cpSync(tool, path.join(copy, 'tools/native-backend'), { recursive: true });
  fs.writeFileSync(path.join(copy, 'package.json'), '{}');
  linkModules();
});
afterAll(() => fs.rmSync(copy, { recursive: true, force: true }));

/** node_modules of links, but for tfjs-node: its copy finds its dependencies through them and has no binding. */
function linkModules(): void {
  const [from, to] = [root, copy].map((folder) => path.join(folder, 'node_modules')) as [string, string];
  fs.mkdirSync(path.join(to, '@tensorflow'), { recursive: true });
  const link = (name: string): void => fs.symlinkSync(path.join(from, name), path.join(to, name));
  for (const name of fs.readdirSync(from)) if (!['.cache', '.bin', '@tensorflow'].includes(name)) link(name);
  for (const name of fs.readdirSync(path.join(from, '@tensorflow')))
    if (name !== 'tfjs-node') link(`@tensorflow/${name}`);
  const source = path.join(root, packageName);
  if (!fs.existsSync(source)) return;
  fs.cpSync(source, path.join(copy, packageName), {
    recursive: true,
    filter: (file) => !['lib', 'deps'].includes(path.relative(source, file)),
  });
}

function setUp(args: readonly string[], env: NodeJS.ProcessEnv) {
  return runChild([path.join(copy, 'tools/native-backend/setup.mjs'), ...args], env);
}

/** No download host, no Python, no compiler, no cached build. */
const bare = () => ({
  TFJS_NODE_CDN_STORAGE: 'http://127.0.0.1:9/',
  PATH: '',
  XDG_CACHE_HOME: path.join(copy, 'empty-cache'),
});

const withPackage = fs.existsSync(path.join(root, packageName)) ? it : it.skip;

describe('setup.mjs', () => {
  it('does nothing when it is switched off', () => {
    const child = setUp([], { FLATMIN_NATIVE_BACKEND: 'off' });
    expect(child).toMatchObject({ status: 0, stderr: '' });
    expect(child.stdout).toMatch(/^native backend off.*\n$/);
  });

  withPackage('succeeds on a bare machine, names what is missing, and remembers it', () => {
    const child = setUp([], bare());
    expect(child).toMatchObject({ status: 0, stderr: '' });
    expect(child.stdout).toMatch(oneLine);
    expect(child.stdout).toMatch(
      /not available.*official installer: 127\.0\.0\.1:9 cannot be reached.*wheel: .* missing/,
    );
    expect(setUp(['--quick'], bare()).stdout).toContain('`npm run postinstall` tries again');
    expect(fs.existsSync(path.join(copy, link))).toBe(false);
  });

  (hasNativeBackend() ? it : it.skip)('takes a cached build, and then trusts it until something changes', () => {
    expect(setUp([], {}).stdout).toMatch(/ready: TensorFlow [\d.]+, from the cache/);
    expect(fs.lstatSync(path.join(copy, link)).isSymbolicLink()).toBe(true);
    expect(setUp(['--quick'], {}).stdout).toContain('(unchanged)');
    fs.rmSync(path.join(copy, link));
    expect(setUp(['--quick'], {}).stdout).toContain('from the cache');
  });

  it('succeeds where the optional package is left out', () => {
    fs.rmSync(path.join(copy, packageName), { recursive: true, force: true });
    const child = setUp([], {});
    expect(child).toMatchObject({ status: 0, stderr: '' });
    expect(child.stdout).toContain('the optional package @tensorflow/tfjs-node is not installed');
  });
});

describe('publishBuild', () => {
  it('keeps one whole build when several installs publish at once', async () => {
    const destination = path.join(copy, 'builds/one');
    const program = `
      import fs from 'node:fs';
      import { publishBuild } from ${JSON.stringify(path.join(tool, 'publish.mjs'))};
      for (let round = 0; round < 20; round++) {
        await publishBuild(${JSON.stringify(destination)}, (work) => {
          for (const part of ['a', 'b']) fs.writeFileSync(work + '/' + part, process.pid + ' ' + round);
        });
      }`;
    const children = [1, 2, 3].map(() =>
      spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'pipe' }),
    );
    const codes = await Promise.all(
      children.map((child) => new Promise((resolve) => child.once('close', (code) => resolve(code)))),
    );
    expect(codes).toEqual([0, 0, 0]);
    const [a, b] = ['a', 'b'].map((part) => fs.readFileSync(path.join(destination, part), 'utf8'));
    expect(a).toBe(b);
    expect(fs.readdirSync(path.dirname(destination))).toEqual(['one']);
  });

  it('leaves what was there when a build fails', () => {
    const destination = path.join(copy, 'builds/one');
    const program = `
      import { publishBuild } from ${JSON.stringify(path.join(tool, 'publish.mjs'))};
      await publishBuild(${JSON.stringify(destination)}, () => { throw new Error('no compiler'); });`;
    const child = runChild(['--input-type=module', '-e', program]);
    expect(child.stderr).toContain('no compiler');
    expect(fs.readdirSync(path.dirname(destination))).toEqual(['one']);
    expect(fs.readdirSync(destination)).toEqual(['a', 'b']);
  });
});
