// The command line as its users meet it: whole processes, from start to result.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { summary } from './statistics.mjs';

const bin = fileURLToPath(new URL('../../packages/flatmin/bin/flatmin.js', import.meta.url));

function secondsOf(args) {
  const start = performance.now();
  const { status, stderr } = spawnSync(process.execPath, [bin, ...args], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`flatmin ${args.join(' ')} ended with code ${status}: ${stderr}`);
  return (performance.now() - start) / 1000;
}

const repeated = (times, measure) => Array.from({ length: times }, measure);

const isWritten = (file) => (statSync(file, { throwIfNoEntry: false })?.size ?? 0) > 0;

/** Seconds until `flatmin train` has written the figures of its first step; then it is stopped. */
async function firstStepSeconds(folder) {
  const config = {
    dataset: { use: 'digits' },
    model: { use: 'mlp', hidden: [100, 100] },
    optimizer: { use: 'sam', base: { use: 'momentum', learningRate: 0.1, momentum: 0.9 } },
    epochs: 1000,
    batchSize: 64,
    logEvery: 1,
    backend: 'tensorflow',
  };
  const file = path.join(folder, 'config.json');
  writeFileSync(file, JSON.stringify(config));
  const out = mkdtempSync(path.join(folder, 'run-'));
  const start = performance.now();
  const child = spawn(process.execPath, [bin, 'train', file, '--out', out], { stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (text) => (errors += text));
  const ended = once(child, 'close');
  const metrics = path.join(out, 'metrics.jsonl');
  while (!isWritten(metrics)) {
    if (child.exitCode !== null) throw new Error(`flatmin train ended before its first step: ${errors}`);
    await sleep(5);
  }
  const seconds = (performance.now() - start) / 1000;
  child.kill('SIGKILL');
  await ended;
  return seconds;
}

/**
 * Times the commands, in seconds.
 *
 * @param {{quick: boolean}} options quick leaves the quickstart out, which takes longer than all else.
 */
export async function measureCommands({ quick }) {
  const folder = mkdtempSync(path.join(tmpdir(), 'flatmin-bench-'));
  try {
    const firstSteps = [];
    for (let i = 0; i < (quick ? 1 : 3); i++) firstSteps.push(await firstStepSeconds(folder));
    return {
      help: summary(repeated(quick ? 3 : 9, () => secondsOf(['--help']))),
      firstStep: summary(firstSteps),
      ...(!quick && { quickstart: summary([secondsOf(['quickstart', '--out', path.join(folder, 'quickstart')])]) }),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
