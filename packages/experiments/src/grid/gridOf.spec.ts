import { isFlatminError, type Problem } from '@flatmin/core';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { officialContainer } from 'flatmin/node';
import { gridOf } from './gridOf.js';

const base = { use: 'momentum', learningRate: 0.1, momentum: 0.9 };
const sam = { use: 'sam', rho: 0.1, base };
const lets = { use: 'lets', preset: 'robust', inner: { use: 'sam', rho: 0.02, base } };
const common = { dataset: { use: 'mnist1d' }, model: { use: 'mlp', hidden: [10] }, epochs: 2, batchSize: 64 };
const compare = { ...common, methods: { SGD: base, SAM: sam, LETS: lets }, seeds: [0, 1] };

let container: ReturnType<typeof officialContainer>;
beforeAll(() => {
  container = officialContainer();
});
const gridFor = (value: unknown) => gridOf(value, 'c.json', container).grid;

function problemsOf(value: unknown): readonly Problem[] {
  try {
    gridFor(value);
  } catch (error) {
    if (isFlatminError(error)) return error.problems;
    throw error;
  }
  return [];
}
const pathsOf = (value: unknown) => problemsOf(value).map(({ path }) => path);
const rowsOf = (value: unknown) => gridFor(value).tasks.map(({ name, rows }) => [name, rows.map((row) => row.name)]);

describe('a grid', () => {
  it('has a row a method and a cell a seed; the first method is the reference', () => {
    const grid = gridFor(compare);
    expect(grid).toMatchObject({ reference: 'SGD', seeds: [0, 1], axes: [] });
    expect(grid.tasks).toEqual([
      { name: '', at: [], rows: ['SGD', 'SAM', 'LETS'].map((name) => ({ name, method: name, at: [] })) },
    ]);
    expect(grid.cells.map(({ row, seed }) => `${row} ${seed}`)).toEqual([
      'SGD 0',
      'SGD 1',
      'SAM 0',
      'SAM 1',
      'LETS 0',
      'LETS 1',
    ]);
    expect(grid.cells[2]?.config).toMatchObject({ ...common, name: 'SAM', optimizer: sam, seed: 0, logEvery: 50 });
    expect(grid.cells[2]?.config).not.toHaveProperty('methods');
  });

  it('takes a config of train, whose optimizer is its only method', () => {
    expect(rowsOf({ ...common, optimizer: sam })).toEqual([['', ['sam(momentum)']]]);
  });

  it('sweeps an option over the methods that take it: not SGD, nor one whose inside has it', () => {
    const grid = { ...compare, sweep: { 'optimizer.rho': [0.05, 0.5] } };
    expect(rowsOf(grid)).toEqual([['', ['SGD', 'SAM, rho 0.05', 'SAM, rho 0.5', 'LETS']]]);
    const cell = gridFor(grid).cells.find(({ row, seed }) => row === 'SAM, rho 0.5' && seed === 1);
    expect(cell?.config).toMatchObject({ optimizer: { use: 'sam', rho: 0.5, base }, seed: 1, name: 'SAM, rho 0.5' });
  });

  it('sweeps an option of one method by its name, and of one method alone names the value only', () => {
    expect(rowsOf({ ...compare, sweep: { 'methods.LETS.inner.rho': [0.02, 0.2] } })).toEqual([
      ['', ['SGD', 'SAM', 'LETS, rho 0.02', 'LETS, rho 0.2']],
    ]);
    expect(rowsOf({ ...common, optimizer: sam, sweep: { 'optimizer.rho': [0.1, 0.2] } })).toEqual([
      ['', ['rho 0.1', 'rho 0.2']],
    ]);
  });

  it('makes a task of each value of what all methods share, and names what differs', () => {
    const sweep = {
      dataset: { named: { clean: { use: 'mnist1d' }, noisy: { use: 'mnist1d', labelNoise: { rate: 0.2 } } } },
      'model.hidden': [[32], [100, 100]],
    };
    expect(gridFor({ ...compare, sweep }).tasks.map(({ name }) => name)).toEqual([
      'clean, hidden [32]',
      'clean, hidden [100, 100]',
      'noisy, hidden [32]',
      'noisy, hidden [100, 100]',
    ]);
    const sets = { dataset: [{ use: 'mnist1d' }, { use: 'digits' }] };
    expect(gridFor({ ...compare, sweep: sets }).tasks.map(({ name }) => name)).toEqual(['mnist1d', 'digits']);
  });

  it('has ranges, linear and logarithmic, with their ends as given', () => {
    const values = (range: unknown) =>
      gridFor({ ...compare, sweep: { 'optimizer.rho': range } }).axes.map(({ values: all, scale }) => [
        scale,
        all.map(({ value, label }) => [value, label]),
      ])[0];
    expect(values({ from: 0.1, to: 0.5, steps: 5 })).toEqual([
      'linear',
      [
        [0.1, '0.1'],
        [0.2, '0.2'],
        [0.3, '0.3'],
        [0.4, '0.4'],
        [0.5, '0.5'],
      ],
    ]);
    // 0.01 * 100 ** (1 / 4) and so on.
    expect(values({ from: 0.01, to: 1, steps: 5, scale: 'log' })).toEqual([
      'log',
      [
        [0.01, '0.01'],
        [0.0316227766017, '0.03162'],
        [0.1, '0.1'],
        [0.316227766017, '0.3162'],
        [1, '1'],
      ],
    ]);
    expect(values([0.02, 0.1, 0.5])?.[0]).toBe('log');
    expect(values([0.00001, 0.000010001])?.[1]).toEqual([
      [0.00001, '0.00001'],
      [0.000010001, '0.000010001'],
    ]);
  });

  it('zips values, also of methods with those of tasks', () => {
    const sweep = { 'optimizer.rho': [0.1, 0.2], batchSize: [32, 64] };
    const grid = gridFor({ ...compare, sweep, zip: [['optimizer.rho', 'batchSize']] });
    expect(grid.tasks.map(({ name }) => name)).toEqual(['rho 0.1', 'rho 0.2']);
    const told = grid.cells
      .filter(({ seed }) => seed === 0)
      .map(({ row, config }) => [row, config.batchSize, config.optimizer['rho']]);
    expect(told).toEqual([
      ['SGD', 32, undefined],
      ['SAM', 32, 0.1],
      ['LETS', 32, undefined],
      ['SGD', 64, undefined],
      ['SAM', 64, 0.2],
      ['LETS', 64, undefined],
    ]);
  });

  it('names of a zip what tells its points apart, whose other values may be alike', () => {
    const sweep = { dataset: { named: { a: { use: 'mnist1d' }, b: { use: 'digits' } } }, epochs: [4, 4] };
    const grid = gridFor({ ...compare, epochs: undefined, sweep, zip: [['dataset', 'epochs']] });
    expect(grid.tasks.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(grid.cells.at(-1)?.config).toMatchObject({ dataset: { use: 'digits' }, epochs: 4 });
  });

  it('calls options of several methods by their last name, as they never stand together', () => {
    const methods = { A: sam, B: lets };
    const sweep = { 'methods.A.rho': [0.1, 0.2], 'methods.B.inner.rho': [0.3, 0.4] };
    expect(rowsOf({ ...compare, methods, sweep })).toEqual([
      ['', ['A, rho 0.1', 'A, rho 0.2', 'B, rho 0.3', 'B, rho 0.4']],
    ]);
    const both = { 'methods.B.inner.rho': [0.3, 0.4], 'methods.B.inner.base.learningRate': [0.1, 0.2] };
    expect(rowsOf({ ...compare, methods: { B: lets }, sweep: both })[0]?.[1]?.[0]).toBe('rho 0.3, learningRate 0.1');
  });

  it('leaves out what is excluded', () => {
    const sweep = { 'optimizer.rho': [0.1, 0.2] };
    const exclude = [{ 'optimizer.rho': 0.2 }, { method: 'LETS', seed: 1 }];
    const { cells } = gridFor({ ...compare, sweep, exclude });
    expect(cells.map(({ row, seed }) => `${row} ${seed}`)).toEqual([
      'SGD 0',
      'SGD 1',
      'SAM, rho 0.1 0',
      'SAM, rho 0.1 1',
      'LETS 0',
    ]);
  });
});

describe('what is wrong with a config', () => {
  it('is told at once: fields, specs of methods, swept values, with where', () => {
    const wrong = {
      ...compare,
      methods: { ...compare.methods, SAM: { ...sam, every: 0 } },
      sweep: { 'optimizer.rho': [0.1, -1], 'dataset.labelNoise.rate': [0, 2] },
    };
    const all = problemsOf(wrong).map(({ path, message }) => `${path} ${message}`);
    expect(all).toEqual([
      expect.stringMatching(/^methods\.SAM\.every .*\(at dataset\.labelNoise\.rate = 0, optimizer\.rho = 0\.1\)/),
      expect.stringMatching(/^methods\.SAM\.rho .*\(at .*optimizer\.rho = -1\)/),
      expect.stringMatching(/^dataset\.labelNoise\.rate .*\(at dataset\.labelNoise\.rate = 2\)/),
    ]);
  });

  it.each<[string, unknown, readonly string[]]>([
    ['no methods', common, ['methods']],
    ['methods beside optimizer', { ...compare, optimizer: sam }, ['methods']],
    ['no epochs', { ...compare, epochs: undefined }, ['epochs']],
    ['epochs beside a budget', { ...compare, budget: { gradientEvaluations: 100 } }, ['epochs']],
    ['a reference that is no method', { ...compare, reference: 'Adam' }, ['reference']],
    ['a choice on test data', { ...compare, select: { metric: 'test.accuracy' } }, ['select.metric']],
    [
      'a choice by what is not evaluated',
      { ...compare, select: { metric: 'validation.loss' }, evaluate: { parts: ['test'] } },
      ['select.metric'],
    ],
    [
      'a slip in a range',
      { ...compare, sweep: { 'optimizer.rho': { form: 0, to: 1, steps: 3 } } },
      ['sweep.optimizer.rho.from', 'sweep.optimizer.rho.form'],
    ],
    [
      'a logarithmic range to 0',
      { ...compare, sweep: { 'optimizer.rho': { from: 0, to: 1, steps: 3, scale: 'log' } } },
      ['sweep.optimizer.rho'],
    ],
    ['a path of nothing', { ...compare, sweep: { 'optimiser.rho': [1, 2] } }, ['sweep.optimiser.rho']],
    ['a path that no method has', { ...compare, sweep: { 'optimizer.roh': [1, 2] } }, ['sweep.optimizer.roh']],
    ['a method that is not there', { ...compare, sweep: { 'methods.ASAM.rho': [1, 2] } }, ['sweep.methods.ASAM.rho']],
    ['swept seeds', { ...compare, sweep: { seed: [1, 2] } }, ['sweep.seed']],
    ['a value twice', { ...compare, sweep: { 'optimizer.rho': [0.1, 0.1] } }, ['sweep.optimizer.rho']],
    [
      'a zip of unequal lists',
      { ...compare, sweep: { 'optimizer.rho': [0.1, 0.2], epochs: [1, 2, 3] }, zip: [['optimizer.rho', 'epochs']] },
      ['zip.0'],
    ],
    [
      'a zip of what is not swept',
      { ...compare, sweep: { 'optimizer.rho': [0.1, 0.2] }, zip: [['optimizer.rho', 'epochs']] },
      ['zip.0'],
    ],
    [
      'an exclusion of nothing',
      { ...compare, sweep: { 'optimizer.rho': [0.1, 0.2] }, exclude: [{ 'optimizer.rho': 0.3 }] },
      ['exclude.0.optimizer.rho'],
    ],
    ['a grid of nothing', { ...compare, exclude: [{ seed: 0 }, { seed: 1 }] }, ['exclude']],
    [
      'a grid beyond all bounds',
      {
        ...compare,
        sweep: {
          batchSize: { from: 1, to: 10_000, steps: 10_000 },
          'optimizer.rho': { from: 0.1, to: 0.9, steps: 9 },
        },
      },
      ['sweep'],
    ],
  ])('%s', (_, value, paths) => {
    expect(pathsOf(value)).toEqual(paths);
  });
});
