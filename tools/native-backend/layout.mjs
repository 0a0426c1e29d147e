// Where the parts of the native backend lie: the tfjs-node package, the cached builds, the one symlink between them.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = path.resolve(fileURLToPath(import.meta.url), '../../..');
export const TENSORFLOW = '2.21.0';
/** tfjs-node ships its binding for every Node-API version from 3 to 8. */
export const NODE_API = 8;
/** Raise it when the same versions are to be compiled in another way: old builds are then left alone, not reused. */
const RECIPE = 2;

/** The tfjs-node that the workspace resolves, or undefined: it is an optional dependency. */
export function findPackage() {
  try {
    const manifest = createRequire(path.join(ROOT, 'package.json')).resolve('@tensorflow/tfjs-node/package.json');
    const folder = path.dirname(manifest);
    const { version } = JSON.parse(fs.readFileSync(manifest, 'utf8'));
    return { folder, version, binding: path.join(folder, 'lib', `napi-v${NODE_API}`, 'tfjs_binding.node') };
  } catch {
    return undefined;
  }
}

/** Builds are kept outside node_modules, so `npm ci` does not lose them and checkouts share them. */
export function cacheRoot() {
  return path.join(process.env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache'), 'flatmin', 'native-backend');
}

/** The folder of one kind of build; its name is all that distinguishes it, so it names everything it depends on. */
export function buildFolder(kind, packageVersion) {
  const source = kind === 'wheel' ? `wheel-${TENSORFLOW}` : 'official';
  const target = `napi${NODE_API}-${process.platform}-${process.arch}`;
  return path.join(cacheRoot(), `${source}-tfjs-node-${packageVersion}-${target}-r${RECIPE}`);
}

/** Every kind of build, fastest first, with the place of its binding. */
export function cachedBuilds(packageVersion) {
  const wheel = buildFolder('wheel', packageVersion);
  const official = buildFolder('official', packageVersion);
  return [
    { kind: 'wheel', folder: wheel, binding: path.join(wheel, 'tfjs_binding.node') },
    {
      kind: 'official',
      folder: official,
      binding: path.join(official, 'lib', `napi-v${NODE_API}`, 'tfjs_binding.node'),
    },
  ];
}

/** Points the package's binding at a build. The rename makes it atomic: no reader ever finds the link missing. */
export function link(binding, target) {
  fs.mkdirSync(path.dirname(binding), { recursive: true });
  const next = `${binding}.${process.pid}`;
  fs.rmSync(next, { force: true });
  fs.symlinkSync(target, next);
  fs.renameSync(next, binding);
}
