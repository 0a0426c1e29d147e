// Child processes of these tests: each has a time limit, and fails with what it printed.
import { spawn } from 'node:child_process';

/** A time limit that only a process that hangs reaches. */
const LIMIT = 240_000;

/**
 * What a program printed to stdout; rejects with all that it printed if it fails.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, limit?: number, allowFailure?: boolean }} [options]
 * @returns {Promise<string>}
 */
export function run(command, args, { cwd, env = cleanEnvironment(), limit = LIMIT, allowFailure = false } = {}) {
  const child = spawn(command, args, {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: limit,
    killSignal: 'SIGKILL',
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => (stdout += chunk));
  child.stderr.on('data', (chunk) => (stderr += chunk));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code === 0 || allowFailure) return resolve(stdout);
      const end =
        signal === null ? `ended with code ${code}` : `was ended by ${signal} after at most ${limit / 1000} s`;
      reject(new Error(`${[command, ...args].join(' ')} ${end}\n${stdout}${stderr}`));
    });
  });
}

/** The environment without npm's own settings: an `npm test` around these tests hands down those of the workspace. */
export function cleanEnvironment() {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|FLATMIN_|CI$|NODE_ENV$|NODE_OPTIONS$)/i.test(name),
  );
  return { ...Object.fromEntries(kept), NO_COLOR: '1' };
}
