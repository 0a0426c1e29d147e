import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { compared } from '../statistics/comparison.js';
import type { GridResults } from '../statistics/results.js';
import { foundResults } from './foundResults.js';
import { config, linesOf, method, runFolder } from './runFolder.fixture.js';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'flatmin-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const { optimizer } = config;
let made = 0;
/** A run folder of some seeds, each with its accuracy. */
function run(more: object, accuracies: Readonly<Record<number, number>>, of: string = method): string {
  const seeds = Object.keys(accuracies).map(Number);
  const lines = seeds.flatMap((seed) => linesOf(seed, accuracies[seed] as number, of));
  return runFolder(path.join(directory, `run-${++made}`), { ...config, seeds, ...more }, lines);
}
const cellsOf = ({ grid, outcomes }: GridResults): string[] =>
  grid.cells.map(({ task, row, seed }, i) => {
    const { status, record } = outcomes[i] ?? {};
    return `${task}|${row}|${seed} ${status} ${record?.history.at(-1)?.test?.accuracy ?? ''}`;
  });

describe('foundResults', () => {
  it('names methods by what differs, and puts their seeds together from all folders', async () => {
    const folders = [
      run({}, { 0: 0.5, 1: 0.6 }),
      run({ optimizer: { ...optimizer, rho: 0.5 } }, { 0: 0.7 }),
      run({ optimizer: { base: optimizer.base, rho: 0.5, use: 'sam' }, logEvery: 7, seeds: [1, 2] }, { 1: 0.8 }),
      run({ optimizer: optimizer.base }, { 0: 0.4 }, 'momentum'),
    ];
    const results = await foundResults(folders, 'momentum');
    expect(cellsOf(results)).toEqual([
      ...['|sam(momentum), rho 0.05|0 done 0.5', '|sam(momentum), rho 0.05|1 done 0.6'],
      ...[
        '|sam(momentum), rho 0.5|0 done 0.7',
        '|sam(momentum), rho 0.5|1 done 0.8',
        '|sam(momentum), rho 0.5|2 missing ',
      ],
      '|momentum|0 done 0.4',
    ]);
    expect(results.grid).toMatchObject({
      reference: 'momentum',
      seeds: [0, 1, 2],
      axes: [
        { path: 'optimizer.rho', label: 'rho', scale: 'linear', of: 'rows', values: [{ value: 0.05 }, { value: 0.5 }] },
      ],
    });
    // 0.05, 0.5 and 0.4, each the mean of its seeds.
    const rows = compared(results).tasks[0]?.rows ?? [];
    expect(rows.map(({ name, result }) => [name, result?.mean])).toEqual([
      ['sam(momentum), rho 0.05', 0.55],
      ['sam(momentum), rho 0.5', 0.75],
      ['momentum', 0.4],
    ]);
  });

  it('makes a task of each data set and model, and tells settings that a config leaves out', async () => {
    const folders = [
      run({}, { 0: 0.5 }),
      run({ dataset: { use: 'mnist1d', train: 100 } }, { 0: 0.6 }),
      run({ dataset: { use: 'mnist1d', train: 100 }, learningRate: 0.3 }, { 0: 0.7 }),
    ];
    expect(cellsOf(await foundResults(folders))).toEqual([
      'digits|sam(momentum), learningRate default|0 done 0.5',
      'mnist1d|sam(momentum), learningRate default|0 done 0.6',
      'mnist1d|sam(momentum), learningRate 0.3|0 done 0.7',
    ]);
  });

  it('counts a run that is found twice once, takes the one that has ended, and refuses two that differ', async () => {
    const [whole, begun, again] = [run({}, { 0: 0.5 }), run({ seeds: [0] }, {}), run({}, { 0: 0.5 })];
    expect(cellsOf(await foundResults([begun, whole, again]))).toEqual(['|sam(momentum)|0 done 0.5']);
    const other = run({}, { 0: 0.25 });
    await expect(foundResults([whole, other])).rejects.toThrow(
      `${whole} and ${other} both have sam(momentum), seed 0, with different results`,
    );
  });

  it('names rows as their configs do, and what diverged or stands still as that', async () => {
    const lines = linesOf(0, 0.5, 'SAM').slice(0, 14);
    const failure = { event: 'failure', method: 'SAM', seed: 0, steps: 13, failure: 'the loss is NaN' } as const;
    const diverged = runFolder(path.join(directory, 'diverged'), { ...config, name: 'SAM' }, [...lines, failure]);
    const begun = runFolder(
      path.join(directory, 'begun'),
      { ...config, name: 'SGD' },
      linesOf(0, 0.5, 'SGD').slice(0, 14),
    );
    const results = await foundResults([diverged, begun]);
    expect(cellsOf(results)).toEqual(['|SAM|0 diverged 0.25', '|SGD|0 interrupted ']);
    expect(results.outcomes[0]?.reason).toBe('the loss is NaN');
    await expect(foundResults([begun], 'SAM')).rejects.toThrow(/no run is of the method SAM\. Methods: SGD\./);
    await expect(foundResults([])).rejects.toThrow(/there are no runs to compare/);
  });
});
