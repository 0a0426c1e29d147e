import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { publishedPackages, root } from './publishedPackages.js';

function run(tool: string, args: readonly string[], folder: string): { status: number | null; output: string } {
  const script = path.join(root, 'node_modules', tool);
  const cwd = path.join(root, folder);
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
    cwd,
    encoding: 'utf8',
    timeout: 120_000,
  });
  return { status, output: status === 0 ? '' : `${stdout}${stderr}` };
}

describe.each(publishedPackages)('%s as published', (folder) => {
  it('is well formed (publint)', () => {
    expect(run('publint/src/cli.js', ['--strict'], folder)).toEqual({ status: 0, output: '' });
  }, 130_000);

  it('resolves its types as an ES module (attw)', () => {
    const args = ['--pack', '.', '--profile', 'esm-only', '--no-emoji'];
    expect(run('@arethetypeswrong/cli/dist/index.js', args, folder)).toEqual({ status: 0, output: '' });
  }, 130_000);

  it('ships no tests, fixtures, build information or API reports', () => {
    const { stdout } = spawnSync('npm', ['pack', '--dry-run', '--json'], {
      cwd: path.join(root, folder),
      encoding: 'utf8',
    });
    const [{ files }] = JSON.parse(stdout) as [{ files: { path: string }[] }];
    const names = files.map((file) => file.path);
    expect(names).toContain('README.md');
    expect(names.filter((name) => /\.(spec|fixture)\.|tsbuildinfo|^(src|etc)\//.test(name))).toEqual([]);
  }, 60_000);
});
