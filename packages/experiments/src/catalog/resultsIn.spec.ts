import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { settingsOf } from '../run/sameSettings.js';
import type { GridResults } from '../statistics/results.js';
import { resultsIn } from './resultsIn.js';
import { config, linesOf, runFolder } from './runFolder.fixture.js';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), 'flatmin-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

const rows = ['SGD', 'SAM'];
const cells = rows.flatMap((row) => [0, 1].map((seed) => ({ task: '', row, method: row, seed, id: `${row}${seed}`, folder: `cells/${row}-${seed}` }))); // prettier-ignore

/** A folder of a comparison in which these cells have run. */
function comparison(name: string, done: Readonly<Record<string, number>>, more: object = {}): string {
  const folder = path.join(directory, name);
  mkdirSync(folder, { recursive: true });
  const grid = {
    tasks: [{ name: '', at: [], rows: rows.map((row) => ({ name: row, method: row, at: [] })) }],
    ...{ axes: [], reference: 'SGD', seeds: [0, 1], ...more },
  };
  const file = { command: 'compare', version: '1.0.0', backend: 'cpu', threads: 1, config: {}, grid, cells };
  writeFileSync(path.join(folder, 'comparison.json'), JSON.stringify(file));
  for (const { id, row, seed, folder: at } of cells) {
    const accuracy = done[id];
    if (accuracy === undefined) continue;
    const own = { ...config, name: row, seed, seeds: undefined };
    const [start, ...lines] = linesOf(seed, accuracy, row);
    const settings = settingsOf(own as never, 'cpu');
    runFolder(path.join(folder, at), own, [
      { ...(start as object), settings } as never,
      ...lines.slice(0, accuracy < 0 ? 3 : 99),
    ]);
  }
  return folder;
}
const told = ({ grid, outcomes }: GridResults): string[] =>
  grid.cells.map(
    ({ row, seed }, i) =>
      `${row} ${seed} ${outcomes[i]?.status} ${outcomes[i]?.record?.history.at(-1)?.test?.accuracy ?? ''}`,
  );

describe('resultsIn', () => {
  it('is the grid of a comparison, and that of its shards together', async () => {
    const shards = [comparison('1', { SGD0: 0.5, SAM1: -1 }), comparison('2', { SGD1: 0.6, SAM1: 0.8 })];
    expect(told(await resultsIn(shards.slice(0, 1)))).toEqual([
      ...['SGD 0 done 0.5', 'SGD 1 missing ', 'SAM 0 missing ', 'SAM 1 interrupted '],
    ]);
    const results = await resultsIn(shards);
    expect(told(results)).toEqual(['SGD 0 done 0.5', 'SGD 1 done 0.6', 'SAM 0 missing ', 'SAM 1 done 0.8']);
    expect(results.grid.reference).toBe('SGD');
    expect((await resultsIn(shards, 'SAM')).grid.reference).toBe('SAM');
    await expect(resultsIn(shards, 'SMA')).rejects.toThrow(/no run is of the method SMA\. Methods: SGD, SAM\./);
    expect(told(await resultsIn([...shards].reverse()))).toEqual(told(results));
  });

  it('puts runs together where there is no grid that all are of', async () => {
    const grids = [comparison('1', { SGD0: 0.5 }), comparison('2', { SAM0: 0.75 }, { reference: 'SAM' })];
    const train = runFolder(path.join(directory, 'train'), { ...config, name: 'mine' }, linesOf(0, 0.25, 'mine'));
    expect(told(await resultsIn(grids))).toEqual(['SGD 0 done 0.5', 'SAM 0 done 0.75']);
    expect(told(await resultsIn([grids[0] as string, train]))).toEqual(['SGD 0 done 0.5', 'mine 0 done 0.25']);
  });
});
