import { spawnSync } from 'node:child_process';

/** The first of `candidates` that runs with `args`, or undefined. */
export function firstThatRuns(candidates, args) {
  return candidates.find((command) => spawnSync(command, args, { stdio: 'ignore', timeout: 30_000 }).status === 0);
}

/** Runs a command quietly; throws the line of its output that tells most when it fails. */
export function run(command, args, options = {}) {
  const child = spawnSync(command, args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    maxBuffer: 64 * 1024 * 1024,
    ...options,
  });
  if (child.status === 0) return;
  throw new Error(child.error?.message ?? tellingLine(`${child.stderr}\n${child.stdout}`) ?? `exit ${child.status}`);
}

function tellingLine(output) {
  const lines = output
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  return lines.find((line) => /error/i.test(line)) ?? lines.at(-1);
}
