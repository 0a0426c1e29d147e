import { describe, expect, it } from '@jest/globals';
import { levelsOf, stepOf } from './levels.js';
import { edgesOf } from './heatMap.js';
import { within } from './landscapePoints.js';
import { lineChart, stretchesOf, ticksOf } from './lineChart.js';
import { boxAround, squareAround } from './ranges.js';
import { runAnalysis } from './analysis.fixture.js';

describe('steps of colors', () => {
  it('are even in the logarithm where values span much, else even', () => {
    expect(levelsOf([0.01, 0.1, 1, 10, 100], { steps: 4 })).toEqual({ bounds: [0.1, 1, 10], isLogarithmic: true });
    expect(levelsOf([1, 1.5, 2], { steps: 4 })).toEqual({ bounds: [1.25, 1.5, 1.75], isLogarithmic: false });
    expect(levelsOf([-1, 100], { steps: 2 }).isLogarithmic).toBe(false);
    expect(levelsOf([0.1, 0.9], { steps: 4, mayBeLogarithmic: false }).bounds).toEqual([0.3, 0.5, 0.7]);
  });

  it('are the same with and without points that are not finite, or one that is far above all others', () => {
    const usual = Array.from({ length: 99 }, (_, i) => 1 + i / 10);
    const { bounds } = levelsOf(usual);
    expect(levelsOf([...usual, NaN, Infinity, -Infinity]).bounds).toEqual(bounds);
    expect(Math.max(...levelsOf([...usual, 1e30]).bounds)).toBeLessThan(110);
  });

  it('are there for one value, for none, and for a loss of 0', () => {
    expect(stepOf(3, levelsOf([3, 3]))).toBeGreaterThanOrEqual(0);
    expect(levelsOf([NaN]).bounds.every(Number.isFinite)).toBe(true);
    const levels = levelsOf([0, 1, 10]);
    expect(levels).toMatchObject({ isLogarithmic: true });
    expect([stepOf(0, levels), stepOf(10, levels)]).toEqual([0, 11]);
  });

  it('begin at their bounds', () => {
    const levels = { bounds: [1, 2], isLogarithmic: false };
    expect([0.9, 1, 1.9, 2, 5].map((value) => stepOf(value, levels))).toEqual([0, 1, 1, 2, 2]);
  });
});

describe('ranges of a plane', () => {
  it('are a square around all runs, or a box around a path, with room beside both', () => {
    const points = [
      { x: 0, y: 0 },
      { x: 4, y: 0 },
      { x: 1, y: 2 },
    ];
    expect(squareAround(points)).toEqual({ x: [-1, 5], y: [-2, 4] });
    expect(boxAround(points)).toEqual({ x: [-1, 5], y: [-0.5, 2.5] });
  });

  it('have cells around their points', () => expect(edgesOf([-1, 0, 1])).toEqual([-1.5, -0.5, 0.5, 1.5]));
});

describe('a line', () => {
  it('has a gap where there is no finite number', () => {
    expect(
      stretchesOf('train', [0, 0.5, 1, 1.5], [1, Infinity, 2, 3]).map(({ stretch, alpha }) => [stretch, alpha]),
    ).toEqual([
      ['train 0', 0],
      ['train 1', 1],
      ['train 1', 1.5],
    ]);
  });

  it('is drawn without such points, and says how many there are', () => {
    const runs = [runAnalysis({ name: 'A' }), runAnalysis({ name: 'B' })];
    const line = { alpha: [0, 0.5, 1], losses: { train: [1, NaN, 2] }, examples: { train: 40 }, distance: 3 };
    const { caption, draw } = lineChart(line, runs, { train: { barrier: NaN, alpha: NaN } });
    expect(caption).toContain('At 1 point the loss is not a finite number');
    expect(caption).toContain('is not finite (train)');
    expect(JSON.stringify(draw(820))).not.toMatch(/"value":null|NaN|Infinity/);
  });
});

it('an axis over many decades has few ticks', () => {
  expect(ticksOf([1, 10])).toEqual([1, 2, 5, 10]);
  expect(ticksOf([1, 1e6])).toEqual([1, 10, 100, 1000, 1e4, 1e5, 1e6]);
  expect(ticksOf([1, 1e30]).length).toBeLessThanOrEqual(10);
});

it('shares of statistics beyond the runs are those of the nearest', () => {
  expect(within([1.5, -0.5])).toEqual([1, 0]);
  expect(within([0.25, 0.75])).toEqual([0.25, 0.75]);
  expect(within([1, 1, -1])).toEqual([0.5, 0.5, 0]);
});
