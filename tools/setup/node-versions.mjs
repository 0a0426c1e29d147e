// Other Node versions to test under: prints, as JSON, where the binary of each lies or why it cannot be had. They come
// from npm, pinned, and are kept in the cache.
//   node tools/setup/node-versions.mjs [version...]
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const VERSIONS = ['22.23.3', '24.21.0'];
const CACHE = path.join(process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache'), 'flatmin');

function obtain(version) {
  const folder = path.join(CACHE, `node-${version}`);
  const binary = path.join(folder, 'package/bin/node');
  try {
    if (!fs.existsSync(binary)) download(version, folder);
    const says = run(binary, ['--version'], folder).trim();
    return says === `v${version}` ? { version, binary } : { version, missing: `the binary says ${says}` };
  } catch (error) {
    return { version, missing: error.message };
  }
}

// The package `node` fetches its binary in an install script; the packages it fetches from need none.
function download(version, folder) {
  if (process.platform !== 'linux') throw new Error(`no binary is pinned for ${process.platform}-${process.arch}`);
  fs.mkdirSync(CACHE, { recursive: true });
  const work = fs.mkdtempSync(`${folder}.tmp-`);
  try {
    const name = `node-${process.platform}-${process.arch}@${version}`;
    const printed = run('npm', ['pack', name, '--silent', '--fetch-retries=0', '--fetch-timeout=60000'], work);
    const archive = printed.match(/\S+\.tgz/)?.[0] ?? '';
    run('tar', ['-xzf', archive, 'package/bin/node'], work);
    fs.rmSync(path.join(work, archive));
    // Where another process was quicker, its download is as good.
    if (!fs.existsSync(folder)) fs.renameSync(work, folder);
  } finally {
    fs.rmSync(work, { recursive: true, force: true });
  }
}

function run(command, args, cwd) {
  const child = spawnSync(command, args, { cwd, encoding: 'utf8', timeout: 180_000 });
  if (child.status === 0) return child.stdout;
  const reason = child.error?.message ?? child.stderr.split('\n').find((line) => /error/i.test(line)) ?? 'failed';
  throw new Error(`${command} ${args[0]}: ${reason.trim()}`);
}

const wanted = process.argv.slice(2);
console.log(JSON.stringify((wanted.length > 0 ? wanted : VERSIONS).map(obtain)));
