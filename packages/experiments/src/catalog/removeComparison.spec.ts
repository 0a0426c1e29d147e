import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { noteFailure } from '../cells/cellFolder.js';
import { RunLock } from '../run/runLock.js';
import { removeComparison, requireComparison } from './removeComparison.js';
import { config, linesOf, runFolder } from './runFolder.fixture.js';

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
const [done, failed, begun] = ['sam-seed-0-0123456789abcdef', 'sam-seed-1-0123456789abcdee', 'sgd-0123456789abcded'];

/**
 * A comparison of a cell that is done, one that failed before it was a run, and one whose process was killed as it
 * began.
 */
async function comparison(): Promise<void> {
  runFolder(at('grid', 'cells', done), config, linesOf(0, 0.5));
  file('grid', 'cells', done, 'checkpoint-seed-0', 'checkpoint-000019.flatmin');
  await noteFailure(at('grid', 'cells', failed), 'no such file', config as never);
  file('grid', 'cells', begun, 'metrics.jsonl');
  // On its way from a queue when its process was killed.
  file('grid', 'cells', '.taking-0123456789abcdec-a1B2c3', 'run', 'metrics.jsonl');
  file('grid', 'report.html');
  writeFileSync(at('grid', 'comparison.json'), JSON.stringify({ command: 'compare', grid: {}, cells: [] }));
}

describe('removeComparison', () => {
  it('removes all that flatmin wrote, cells that are in the grid no longer too, and the folder', async () => {
    await comparison();
    expect(await removeComparison(at('grid'))).toEqual({ cells: 3, files: 7, left: [] });
    expect(readdirSync(directory)).toEqual([]);
  });

  it('leaves what is not its own, wherever it lies, and follows no link', async () => {
    await comparison();
    file('grid', 'notes.txt');
    file('grid', 'cells', done, 'predictions.csv');
    // No name of a cell, or no folder of a run.
    runFolder(at('grid', 'cells', 'mine'), config, []);
    file('grid', 'cells', 'thesis-0123456789abcdec', 'chapter.tex');
    runFolder(at('elsewhere'), config, []);
    symlinkSync(at('elsewhere'), at('grid', 'cells', 'sam-0123456789abcdeb'), 'junction');
    expect(await removeComparison(at('grid'))).toEqual({
      cells: 3,
      files: 7,
      left: ['cells/mine', 'cells/sam-0123456789abcdeb', `cells/${done}`, 'cells/thesis-0123456789abcdec', 'notes.txt'],
    });
    expect(readdirSync(at('grid', 'cells', done))).toEqual(['predictions.csv']);
    expect(readdirSync(at('grid', 'cells', 'mine')).sort()).toEqual(['config.json', 'metrics.jsonl']);
    expect(readdirSync(at('elsewhere')).sort()).toEqual(['config.json', 'metrics.jsonl']);
  });

  it('leaves cells that lie behind a link', async () => {
    await comparison();
    mkdirSync(at('shards'));
    writeFileSync(at('shards', 'comparison.json'), JSON.stringify({ command: 'compare', grid: {}, cells: [] }));
    symlinkSync(at('grid', 'cells'), at('shards', 'cells'), 'junction');
    expect(await removeComparison(at('shards'))).toEqual({ cells: 0, files: 1, left: ['cells'] });
    expect(readdirSync(at('grid', 'cells'))).toHaveLength(4);
  });

  it('refuses while a cell is in use, and touches nothing then', async () => {
    await comparison();
    const lock = RunLock.take(at('grid', 'cells', failed));
    await expect(removeComparison(at('grid'))).rejects.toThrow(/cells.*0123456789abcdee is in use by process/);
    lock.release();
    expect(existsSync(at('grid', 'cells', done, 'config.json'))).toBe(true);
    expect(readdirSync(at('grid', 'cells', done)).filter((name) => name.startsWith('run.lock'))).toEqual([]);
    expect((await removeComparison(at('grid'))).cells).toBe(3);
  });

  it('refuses what is no comparison, or a link to one', async () => {
    await comparison();
    symlinkSync(at('grid'), at('latest'), 'junction');
    await expect(requireComparison(`${at('latest')}/`)).rejects.toThrow(/latest\/ is a link\. Name the folder itself/);
    file('mine', 'notes.txt');
    writeFileSync(at('mine', 'comparison.json'), '{ "command": "other" }');
    await expect(requireComparison(at('mine'))).rejects.toThrow(/is not the folder of a comparison/);
    // Its own comparison.json is a file, not one of elsewhere.
    rmSync(at('mine', 'comparison.json'));
    symlinkSync(at('grid', 'comparison.json'), at('mine', 'comparison.json'));
    await expect(requireComparison(at('mine'))).rejects.toThrow(/is not the folder of a comparison/);
  });
});
