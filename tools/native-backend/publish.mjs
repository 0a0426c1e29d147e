// Builds are made in a folder of their own and renamed into place, so that two installs at once, or one that is cut
// off, never leave half a build where another would find it.
import fs from 'node:fs';
import path from 'node:path';

const TEMPORARY = '.tmp-';
const AN_HOUR = 3600 * 1000;

/** Runs `build(folder)` in a new folder beside `destination`, then puts the result there. */
export async function publishBuild(destination, build) {
  fs.mkdirSync(path.dirname(destination), { recursive: true });
  removeAbandoned(path.dirname(destination));
  // A build that is here already was tried and does not load; one that appears while we work is another install's.
  const useless = identity(destination);
  const work = fs.mkdtempSync(destination + TEMPORARY);
  try {
    await build(work);
    while (!tryPlace(work, destination, useless));
  } finally {
    fs.rmSync(work, { recursive: true, force: true });
  }
}

/** Whether a usable build is in place now: ours, or the other install's. */
function tryPlace(work, destination, useless) {
  const found = identity(destination);
  if (found !== undefined && found !== useless) return true;
  if (found !== undefined) moveAway(destination);
  return attempt(() => fs.renameSync(work, destination), ['ENOTEMPTY', 'EEXIST']);
}

// Moved before it is deleted, so that the name never stands for half a build.
function moveAway(folder) {
  const old = fs.mkdtempSync(folder + TEMPORARY);
  attempt(() => fs.renameSync(folder, path.join(old, 'build')), ['ENOENT']);
  fs.rmSync(old, { recursive: true, force: true });
}

/** False where another install was quicker, which shows in one of these error codes. */
function attempt(action, codes) {
  try {
    action();
    return true;
  } catch (error) {
    if (!codes.includes(error.code)) throw error;
    return false;
  }
}

function identity(folder) {
  return fs.statSync(folder, { throwIfNoEntry: false })?.ino;
}

function removeAbandoned(folder) {
  for (const name of fs.readdirSync(folder)) {
    const full = path.join(folder, name);
    if (!name.includes(TEMPORARY)) continue;
    const { mtimeMs } = fs.statSync(full, { throwIfNoEntry: false }) ?? { mtimeMs: Date.now() };
    if (Date.now() - mtimeMs > AN_HOUR) fs.rmSync(full, { recursive: true, force: true });
  }
}
