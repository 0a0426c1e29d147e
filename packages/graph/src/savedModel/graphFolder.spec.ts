import { describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inGraphFolder, sweepGraphFolders } from './graphFolder.js';

/** A folder that a process leaves behind, with a file in it. */
function leftBy(pid: number | string): string {
  const folder = mkdtempSync(path.join(tmpdir(), `flatmin-graph-${pid}-`));
  writeFileSync(path.join(folder, 'saved_model.pb'), 'x');
  return folder;
}

describe('the folder of a graph', () => {
  it('case 33: is removed when its process was killed, and no other is', () => {
    const script = 'process.kill(process.pid, "SIGKILL")';
    const { pid, signal } = spawnSync(process.execPath, ['-e', script]);
    expect(signal).toBe('SIGKILL');
    const [dead, own, init, others] = [leftBy(pid), leftBy(process.pid), leftBy(1), leftBy('mine')];
    try {
      sweepGraphFolders();
      expect([dead, own, init, others].map((folder) => existsSync(folder))).toEqual([false, true, true, true]);
    } finally {
      for (const folder of [dead, own, init, others]) rmSync(folder, { recursive: true, force: true });
    }
  });

  it('case 33: is gone after its use, also when that fails', () => {
    const seen: string[] = [];
    expect(() =>
      inGraphFolder((folder) => {
        seen.push(folder);
        expect(existsSync(folder)).toBe(true);
        throw new Error('no such op');
      }),
    ).toThrow('no such op');
    expect(existsSync(seen[0] as string)).toBe(false);
  });
});
