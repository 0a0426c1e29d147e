// Does the binding work? Asked of a child process, because a library built for another processor kills its process.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { ROOT } from './layout.mjs';

const STAMP = path.join(ROOT, 'node_modules/.cache/flatmin/native-backend.json');
const A_DAY = 24 * 3600 * 1000;

// Node 23 dropped util.isNullOrUndefined, which tfjs-node 4.22 calls in every op.
const PROGRAM = `
const util = require('node:util');
util.isNullOrUndefined = (value) => value === null || value === undefined;
const tf = require(process.argv[1]);
if (tf.getBackend() !== 'tensorflow' || tf.square(3).dataSync()[0] !== 9) process.exit(1);
process.stdout.write('TensorFlow ' + tf.backend().binding.TF_Version);
`;

/** 'TensorFlow x.y.z' if the package loads its binding and squares a tensor with it, else undefined. */
export function tryBinding(pkg) {
  if (!fs.existsSync(pkg.binding)) return undefined;
  const child = spawnSync(process.execPath, ['-e', PROGRAM, pkg.folder], {
    encoding: 'utf8',
    timeout: 60_000,
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: '3' },
  });
  return child.status === 0 ? child.stdout : undefined;
}

/** Everything whose change could make a working binding fail; a stamp with the same text spares the child process. */
function fingerprint(pkg) {
  let binding = 'none';
  try {
    const file = fs.realpathSync(pkg.binding);
    const { size, mtimeMs } = fs.statSync(file);
    binding = `${file} ${size} ${mtimeMs}`;
  } catch {
    // No binding yet: that is a state of its own.
  }
  return [process.version, process.arch, pkg.version, pkg.folder, binding].join('\n');
}

/** What the last set-up found, if nothing has changed since. A failure is believed for a day only. */
export function remembered(pkg) {
  try {
    const stamp = JSON.parse(fs.readFileSync(STAMP, 'utf8'));
    const fresh = stamp.works || Date.now() - stamp.at < A_DAY;
    return fresh && stamp.fingerprint === fingerprint(pkg) ? stamp : undefined;
  } catch {
    return undefined;
  }
}

export function remember(pkg, works, line) {
  fs.mkdirSync(path.dirname(STAMP), { recursive: true });
  const next = `${STAMP}.${process.pid}`;
  fs.writeFileSync(next, JSON.stringify({ works, line, at: Date.now(), fingerprint: fingerprint(pkg) }, null, 2));
  fs.renameSync(next, STAMP);
}
