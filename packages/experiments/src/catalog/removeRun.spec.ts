import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { noteFailure } from '../cells/cellFolder.js';
import { RunLock } from '../run/runLock.js';
import { removeRun } from './removeRun.js';
import { config, runFolder } from './runFolder.fixture.js';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'flatmin-'));
});
afterEach(() => rmSync(directory, { recursive: true }));
const at = (...names: string[]): string => path.join(directory, ...names);
function file(...names: string[]): void {
  mkdirSync(path.dirname(at(...names)), { recursive: true });
  writeFileSync(at(...names), 'x');
}

describe('removeRun', () => {
  it('removes all that flatmin wrote, and the folder', () => {
    runFolder(at('run'), config, []);
    file('run', 'report.html');
    file('run', 'mlflow-seed-0.json');
    file('run', 'checkpoint-seed-0', 'checkpoint-000019.flatmin');
    file('run', 'checkpoint-seed-0', 'checkpoint-000038.flatmin.host~12.tmp');
    file('run', 'tensorboard', 'seed-0', 'events.out.tfevents.1.host.2.3.flatmin');
    file('run', 'analysis', 'report.html');
    file('run', 'analysis', 'plane-step-19-seed-0-0123456789abcdef.jsonl');
    expect(removeRun(at('run'))).toEqual({ files: 9, left: [] });
    expect(readdirSync(directory)).toEqual([]);
  });

  it('removes a cell that failed before it was a run', async () => {
    await noteFailure(at('cell'), 'no such file', config as never);
    expect(removeRun(at('cell'))).toEqual({ files: 1, left: [] });
    expect(readdirSync(directory)).toEqual([]);
  });

  it('leaves what is not its own, wherever it lies, and follows no link', () => {
    runFolder(at('run'), config, []);
    file('run', 'predictions.csv');
    file('run', 'checkpoint-seed-0', 'checkpoint-000019.flatmin');
    file('run', 'checkpoint-seed-0', 'notes.txt');
    file('elsewhere', 'checkpoint-000019.flatmin');
    symlinkSync(at('elsewhere'), at('run', 'checkpoint-seed-1'), 'junction');
    symlinkSync(
      at('elsewhere', 'checkpoint-000019.flatmin'),
      at('run', 'checkpoint-seed-0', 'checkpoint-000002.flatmin'),
    );
    expect(removeRun(at('run'))).toEqual({
      files: 3,
      left: ['checkpoint-seed-0', 'checkpoint-seed-1', 'predictions.csv'],
    });
    expect(readdirSync(at('run', 'checkpoint-seed-0')).sort()).toEqual(['checkpoint-000002.flatmin', 'notes.txt']);
    expect(readdirSync(at('elsewhere'))).toEqual(['checkpoint-000019.flatmin']);
  });

  it('refuses what is in use, no run, or a link', () => {
    runFolder(at('run'), config, []);
    const lock = RunLock.take(at('run'));
    expect(() => removeRun(at('run'))).toThrow(/run is in use by process/);
    lock.release();
    symlinkSync(at('run'), at('latest'), 'junction');
    expect(() => removeRun(`${at('latest')}/`)).toThrow(/latest\/ is a link\. Name the folder itself/);
    file('mine', 'config.json');
    for (const name of ['mine', 'nowhere']) expect(() => removeRun(at(name))).toThrow(/is not the folder of a run/);
    expect(existsSync(at('run', 'config.json'))).toBe(true);
  });
});
