// Prints which build of the native backend is present: an input of Nx's cache, so that results of one backend are
// never taken for another's. Reads a link and nothing more, because Nx runs it before every cached target.
import fs from 'node:fs';
import path from 'node:path';
import { cacheRoot, findPackage } from './layout.mjs';

function backendId() {
  const pkg = findPackage();
  if (!pkg) return 'no native backend';
  try {
    const [build, ...inside] = path.relative(cacheRoot(), fs.realpathSync(pkg.binding)).split(path.sep);
    return inside.length > 0 && build !== '..' ? `native ${build}` : `native tfjs-node-${pkg.version}-own`;
  } catch {
    return 'no native backend';
  }
}

console.log(backendId());
