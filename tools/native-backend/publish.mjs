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
  const work = fs.mkdtempSync(destination + TEMPORARY);
  try {
    await build(work);
    replace(work, destination);
  } finally {
    fs.rmSync(work, { recursive: true, force: true });
  }
}

function replace(work, destination) {
  // What is there already was tried and did not load, or came from an install that ran beside this one: either way
  // ours is as good. It is moved away, not deleted in place, so that the name never stands for half a build.
  const old = fs.mkdtempSync(destination + TEMPORARY);
  try {
    if (fs.existsSync(destination)) fs.renameSync(destination, path.join(old, 'build'));
    fs.renameSync(work, destination);
  } catch (error) {
    // The other install was quicker between our two renames; its build is complete.
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST' && error.code !== 'ENOENT') throw error;
    if (!fs.existsSync(destination)) throw error;
  } finally {
    fs.rmSync(old, { recursive: true, force: true });
  }
}

function removeAbandoned(folder) {
  for (const name of fs.readdirSync(folder)) {
    const full = path.join(folder, name);
    if (!name.includes(TEMPORARY)) continue;
    const { mtimeMs } = fs.statSync(full, { throwIfNoEntry: false }) ?? { mtimeMs: Date.now() };
    if (Date.now() - mtimeMs > AN_HOUR) fs.rmSync(full, { recursive: true, force: true });
  }
}
