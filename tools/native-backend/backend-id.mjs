// Prints which build of the native backend is present: an input of Nx's cache, so that results of one backend are
// never taken for another's. Reads a link and nothing more, because Nx runs it before every cached target.
import fs from 'node:fs';
import path from 'node:path';
import { cachedBuilds, findPackage } from './layout.mjs';

function backendId() {
  const pkg = findPackage();
  if (!pkg) return 'no native backend';
  try {
    const folders = fs.realpathSync(pkg.binding).split(path.sep);
    const build = cachedBuilds(pkg.version).map(({ folder }) => path.basename(folder));
    return `native ${build.find((name) => folders.includes(name)) ?? `tfjs-node-${pkg.version}`}`;
  } catch {
    return 'no native backend';
  }
}

console.log(backendId());
