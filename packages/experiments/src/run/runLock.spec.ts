import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { hostName, startOfProcess } from '@flatmin/training/node';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
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
      `Whether it is alive cannot be seen from ${hostName}: without a sign of life for 15 minutes it is taken over. If you know that it is not, remove ${file}`,
    );
    expect(readdirSync(directory)).toEqual(['run.lock.1']);
  });

  it('of another machine is taken over after a quarter of an hour without a sign of life, and not before', () => {
    const ago = (minutes: number): Date => new Date(Date.now() - 60_000 * minutes);
    const file = left({ pid: 1, host: 'far-away' });
    utimesSync(file, ago(14), ago(14));
    expect(RunLock.isTaken(directory)).toBe(true);
    expect(() => RunLock.take(directory)).toThrow('in use by process 1 on far-away');
    utimesSync(file, ago(16), ago(16));
    expect(RunLock.isTaken(directory)).toBe(false);
    RunLock.take(directory).release();
    expect(readdirSync(directory)).toEqual([]);
  });

  it('gives signs of life while it is held', () => {
    jest.useFakeTimers();
    try {
      const lock = RunLock.take(directory);
      const file = path.join(directory, 'run.lock.1');
      utimesSync(file, 1, 1);
      jest.advanceTimersByTime(31_000);
      expect(statSync(file).mtimeMs).toBeGreaterThan(Date.parse('2026-01-01'));
      lock.release();
      expect(jest.getTimerCount()).toBe(0);
    } finally {
      jest.useRealTimers();
    }
  });

  it('that was never written to is one that is being made, for ten seconds', () => {
    const file = path.join(directory, 'run.lock.1');
    writeFileSync(file, '');
    expect(() => RunLock.take(directory)).toThrow('in use by another process');
    utimesSync(file, 1, 1);
    RunLock.take(directory).release();
  });
});
