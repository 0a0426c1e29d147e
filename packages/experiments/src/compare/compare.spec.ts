import { beforeAll, describe, expect, it } from '@jest/globals';
import { isFlatminError } from '@flatmin/core';
import { officialContainer } from 'flatmin/node';
import { PassThrough } from 'node:stream';
import type { Cell } from '../grid/grid.js';
import { gridOf } from '../grid/gridOf.js';
import type { CellOutcome } from '../statistics/results.js';
import { priced } from './budget.js';
import { cellDisplay } from './cellDisplay.js';
import { checkGrid } from './checkGrid.js';
import { cellsToRun } from './compare.js';
import type { PlacedCell } from './runCells.js';
import { costKey, stepCost } from './stepCost.js';

let container: ReturnType<typeof officialContainer>;
beforeAll(() => {
  container = officialContainer();
});

const base = { use: 'momentum', learningRate: 0.1, momentum: 0.9 };
const sam = { use: 'sam', rho: 0.1, base };

describe('what a step costs', () => {
  it.each<[string, object, number]>([
    ['the base', base, 1],
    ['SAM', sam, 2],
    ['SAM each fourth step', { ...sam, every: 4 }, 1.25],
    ['LETS, robust', { use: 'lets', preset: 'robust', inner: sam }, 3],
    // 48 steps of SAM, and 16 of a held-out gradient besides.
    ['LETS, robust, each fourth step', { use: 'lets', preset: 'robust', every: 4, inner: sam }, 2.25],
    ['a variant over normalization alone', { use: 'sam-on', rho: 0.5, base }, 2],
  ])('%s', async (_, spec, expected) => {
    expect(await stepCost(spec as typeof sam, container)).toBeCloseTo(expected, 10);
  });

  it.each<[string, boolean, object]>([
    ['another radius', true, { ...sam, rho: 0.5 }],
    ['a radius within', true, { ...sam, base: { ...base, learningRate: 1 } }],
    ['no radius', false, { ...sam, rho: 0 }],
    ['a radius that changes', false, { ...sam, rho: { schedule: 'linear', from: 0, to: 0.1 } }],
    ['a step that is not taken each time', false, { ...sam, every: 4 }],
    ['another method', false, { ...sam, use: 'asam' }],
  ])('%s: the same is %s', (_, isSame, spec) => {
    expect(costKey(spec as typeof sam) === costKey(sam)).toBe(isSame);
  });
});

const config = {
  dataset: { use: 'digits' },
  model: { use: 'mlp', hidden: [4] },
  methods: { SGD: base, SAM: sam },
  batchSize: 64,
  seeds: [0, 1],
};
const say = (): void => undefined;
const checkedOf = (value: object) =>
  checkGrid(gridOf(value, 'c.json', container).grid, container, { file: 'c.json', say });

describe('a budget of gradient evaluations', () => {
  it('is as many epochs as it pays for, of each method', async () => {
    // 1,167 examples in batches of 64: 19 steps an epoch, so 19 and 38 gradient evaluations.
    const checked = await checkedOf({ ...config, budget: { gradientEvaluations: 200 } });
    expect(checked[0]).toMatchObject({
      stepsPerEpoch: 19,
      data: expect.stringMatching(/examples, [0-9a-f]{12}$/) as unknown,
    });
    const cells = await priced(checked, 200, container, 'c.json');
    const told = cells.map(({ cell, gradientEvaluations }) => [cell.row, cell.config.epochs, gradientEvaluations]);
    expect(told).toEqual([
      ['SGD', 10, 190],
      ['SGD', 10, 190],
      ['SAM', 5, 190],
      ['SAM', 5, 190],
    ]);
    await expect(priced(checked, 30, container, 'c.json')).rejects.toThrow(
      /does not pay for one epoch of SAM, which takes about 38/,
    );
  });

  it('prices equal epochs', async () => {
    const cells = await priced(await checkedOf({ ...config, epochs: 3 }), undefined, container, 'c.json');
    expect(cells.map(({ gradientEvaluations }) => gradientEvaluations)).toEqual([57, 57, 114, 114]);
  });
});

it('a grid is refused where the data does not fit a row, once for all rows, before anything is run', async () => {
  const held = { use: 'digits', validation: 0 };
  const methods = {
    SGD: base,
    A: { use: 'lets', preset: 'robust', inner: sam },
    B: { use: 'lets', preset: 'robust', inner: sam },
  };
  const error: unknown = await checkedOf({ ...config, dataset: held, methods, epochs: 1 }).catch(
    (thrown: unknown) => thrown,
  );
  expect(isFlatminError(error) && error.message).toMatch(/the optimizer learns on held-out data, and digits has none/);
});

/** Cells with nothing in them but their places. */
function placed(rows: readonly string[], seeds: readonly number[]): PlacedCell[] {
  return seeds.flatMap((seed) =>
    rows.map((row): PlacedCell => {
      const cell = { task: '', row, method: row, seed } as Cell;
      return {
        cell,
        data: '',
        stepsPerEpoch: 1,
        gradientEvaluations: 10,
        id: `${row}${seed}`,
        folder: `${row}${seed}`,
      };
    }),
  );
}
const idsOf = (cells: readonly PlacedCell[]): string => cells.map(({ id }) => id).join(' ');

describe('the cells that a call runs', () => {
  const cells = placed(['a', 'b', 'c'], [0, 1]).sort((one, other) => (one.cell.row < other.cell.row ? -1 : 1));
  const before = cells.map((): CellOutcome => ({ status: 'missing' }));

  it('are all that have not ended, seed by seed', () => {
    expect(idsOf(cells)).toBe('a0 a1 b0 b1 c0 c1');
    expect(idsOf(cellsToRun({ cells, before }, {}))).toBe('a0 b0 c0 a1 b1 c1');
    const statuses = ['done', 'diverged', 'failed', 'interrupted', 'running', 'missing'] as const;
    const some = statuses.map((status): CellOutcome => ({ status }));
    expect(idsOf(cellsToRun({ cells, before: some }, {}))).toBe('c0 b1 c1');
    expect(idsOf(cellsToRun({ cells, before: some }, { retryFailed: true }))).toBe('b0 c0 b1 c1');
  });

  it('are each in one of the shares', () => {
    const shares = [1, 2, 3, 4].map((index) => cellsToRun({ cells, before }, { shard: { index, count: 4 } }));
    expect(shares.map(({ length }) => length)).toEqual([2, 2, 1, 1]);
    expect(
      shares
        .flat()
        .map(({ id }) => id)
        .sort(),
    ).toEqual(cells.map(({ id }) => id).sort());
  });

  it('are run once where two rows are the same run', () => {
    const twins = cells.map((cell) => ({ ...cell, id: cell.id.replace('c', 'b') }));
    expect(idsOf(cellsToRun({ cells: twins, before }, {}))).toBe('a0 b0 a1 b1');
  });
});

describe('how the cells go, in a pipe', () => {
  it('is a line for the first that begins and for each that has ended, with the time that the rest takes at this pace', () => {
    const cells = placed(['SGD', 'SAM'], [0, 1]);
    const stream = new PassThrough();
    let now = 0;
    const display = cellDisplay({ cells, stream, clock: () => now });
    const [first, second, third] = cells as [PlacedCell, PlacedCell, PlacedCell];
    display.onStart(first);
    display.onStart(second);
    const progress = { gradientEvaluations: 5, loss: 1, radius: null };
    // 10 evaluations of one that has ended, and half of 10: 15 of 40 in 30 seconds, so 50 for the rest.
    display.onProgress(second, { step: 1, totalSteps: 2, ...progress });
    now = 30;
    const record = { history: [{ test: { loss: 1, accuracy: 0.5 } }], seconds: 12 } as unknown as CellOutcome['record'];
    display.onEnd(first, { status: 'done', ...(record && { record }) });
    display.onEnd(second, { status: 'failed', reason: 'the disk is full\nat line 3' });
    display.onLine(third, 'careful\u001b[31m');
    display.onWait([third]);
    display.stop();
    expect(String(stream.read())).toBe(
      '[0/4] SGD · seed 0: begins\n' +
        '[1/4] SGD · seed 0: test accuracy 0.500, 12 s (50 s left)\n' +
        '[2/4] SAM · seed 0: failed: the disk is full (30 s left)\n' +
        'SGD · seed 1: careful\n' +
        '1 run is locked by another process: waiting for it\n',
    );
  });

  it('says after five seconds of silence how one goes, and what it does where it takes no steps', () => {
    const cells = placed(['SGD'], [0]);
    const stream = new PassThrough();
    let now = 0;
    const display = cellDisplay({ cells, stream, clock: () => now });
    const [cell] = cells as [PlacedCell];
    const before = { totalSteps: 8, gradientEvaluations: 0, loss: null, radius: null };
    display.onStart(cell);
    for (now = 1; now <= 12; now += 1) display.onProgress(cell, { step: 0, ...before, doing: 'reading data' });
    display.onProgress(cell, { step: 2, ...before, loss: 0.51234, radius: 0.05 });
    now = 30;
    display.onProgress(cell, { step: 4, ...before, loss: 0.5, radius: 0.05, doing: 'evaluating test 64/500' });
    expect(String(stream.read()).split('\n')).toEqual([
      '[0/1] SGD · seed 0: begins',
      '[0/1] SGD · seed 0: 0% · reading data',
      '[0/1] SGD · seed 0: 0% · reading data',
      '[0/1] SGD · seed 0: 50% · loss 0.500 · rho 0.050 · evaluating test 64/500',
      '',
    ]);
  });
});
