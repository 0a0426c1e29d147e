// Installs the dependencies when node_modules is not what the lock file says, and only then.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { ROOT, StepFailed, npm } from './steps.mjs';

const LOCK = path.join(ROOT, 'package-lock.json');
/** npm's own record of what it has put into node_modules. */
const RECORD = path.join(ROOT, 'node_modules/.package-lock.json');
const STAMP = path.join(ROOT, 'node_modules/.cache/flatmin/install.txt');

export async function install() {
  if (!fs.existsSync(LOCK))
    throw new StepFailed('package-lock.json is missing: restore it with `git checkout package-lock.json`.');
  const wanted = lockHash();
  if (read(STAMP) === wanted) return 'up to date';
  const current = installedMatchesLock();
  if (!current) await npm(['ci', '--no-audit', '--no-fund']);
  fs.mkdirSync(path.dirname(STAMP), { recursive: true });
  fs.writeFileSync(STAMP, wanted);
  return current ? 'up to date' : 'npm ci';
}

function lockHash() {
  const hash = createHash('sha256').update(fs.readFileSync(LOCK));
  return `${hash.digest('hex')} ${process.platform}-${process.arch}`;
}

/** Whoever has just run `npm ci` should not have to wait for another one. */
function installedMatchesLock() {
  const record = read(RECORD);
  if (record === undefined) return false;
  const installed = JSON.parse(record).packages;
  return Object.entries(JSON.parse(fs.readFileSync(LOCK, 'utf8')).packages).every(([place, wanted]) => {
    if (!place.includes('node_modules/')) return true;
    if (wanted.link) return fs.existsSync(path.join(ROOT, place));
    const found = installed[place];
    // Packages for other platforms, and those a user left out, are optional.
    return found === undefined ? Boolean(wanted.optional) : found.version === wanted.version;
  });
}

function read(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
