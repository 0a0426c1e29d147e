import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { hostName, startOfProcess } from '@flatmin/training/node';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { RunLock } from './runLock.js';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'flatmin-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const since = '2026-01-31T10:00:00Z';
const gone = (): number => spawnSync(process.execPath, ['-v']).pid;
function left(owner: object, number = 1): string {
  const file = path.join(directory, `run.lock.${number}`);
  writeFileSync(file, `${JSON.stringify({ host: hostName, since, ...owner })}\n`);
  return file;
}

describe('case 28: the lock of a run folder', () => {
  it('is taken once, and free again after its release', () => {
    const lock = RunLock.take(directory);
    expect(() => RunLock.take(directory)).toThrow(`in use by process ${process.pid} on ${hostName}, since `);
    lock.release();
    expect(readdirSync(directory)).toEqual([]);
    RunLock.take(directory).release();
  });

  it('is taken over where its owner is gone, or its number is another process by now', () => {
    left({ pid: gone() });
    left({ pid: process.ppid, start: 'of another time' }, 4);
    const lock = RunLock.take(directory);
    expect(readdirSync(directory)).toEqual(['run.lock.5']);
    lock.release();
  });

  it('is another process’s while that lives, or cannot be seen to be gone', () => {
    const file = left({ pid: process.ppid, start: startOfProcess(process.ppid) });
    expect(() => RunLock.take(directory)).toThrow(`in use by process ${process.ppid} on ${hostName}, since ${since}.`);
    left({ pid: gone(), host: 'far-away' });
    expect(() => RunLock.take(directory)).toThrow(
      `Whether it lives cannot be seen from ${hostName}: if it does not, remove ${file}`,
    );
    expect(readdirSync(directory)).toEqual(['run.lock.1']);
  });

  it('that was never written to is one that is being made, for ten seconds', () => {
    const file = path.join(directory, 'run.lock.1');
    writeFileSync(file, '');
    expect(() => RunLock.take(directory)).toThrow('in use by another process');
    utimesSync(file, 1, 1);
    RunLock.take(directory).release();
  });
});
