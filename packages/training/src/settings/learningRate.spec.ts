import { describe, expect, it } from '@jest/globals';
import { learningRateSchedule, learningRateSchema, type LearningRateSpec } from './learningRate.js';

// Ten epochs of ten steps; the optimizer's own learning rate is 0.4.
const run = { totalSteps: 100, stepsPerEpoch: 10, defaultRate: 0.4 };
const at = (spec: LearningRateSpec, ...steps: number[]): number[] => steps.map(learningRateSchedule(spec, run));

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, i) => expect(value).toBeCloseTo(expected[i] as number, 12));
}

describe('learningRateSchedule', () => {
  it('a number, and constant, stay', () => {
    expect(at(0.3, 0, 50, 99)).toEqual([0.3, 0.3, 0.3]);
    expect(at({ schedule: 'constant' }, 0, 99)).toEqual([0.4, 0.4]);
    expect(at({ schedule: 'constant', rate: 0.1 }, 0, 99)).toEqual([0.1, 0.1]);
  });

  it('cosine: (1 + cos(pi t / T)) / 2', () => {
    // t / T = 0, 1/4, 1/2, 3/4.
    const root = Math.SQRT1_2;
    expectClose(at({ schedule: 'cosine', rate: 2 }, 0, 25, 50, 75), [2, 1 + root, 1, 1 - root]);
  });

  it('cosine: rises to the peak in the warm-up, then falls to the final rate over what is left', () => {
    const spec = { schedule: 'cosine', rate: 1, warmupEpochs: 2, finalRate: 0.2 } as const;
    // Steps 0..19 rise by 1/20 each, the peak is at 20, half-way at 20 + 80 / 2.
    expectClose(at(spec, 0, 9, 19, 20, 60), [0.05, 0.5, 1, 1, 0.6]);
  });

  it('linear: falls in a straight line', () => {
    expectClose(at({ schedule: 'linear', rate: 1, finalRate: 0.5 }, 0, 25, 50), [1, 0.875, 0.75]);
    expectClose(at({ schedule: 'linear', rate: 1, warmupEpochs: 5 }, 49, 50, 75), [1, 1, 0.5]);
  });

  it('step: drops by the factor every so many epochs, first after that many', () => {
    const spec = { schedule: 'step', rate: 1, everyEpochs: 3, factor: 0.5 } as const;
    expectClose(at(spec, 0, 29, 30, 59, 60, 99), [1, 1, 0.5, 0.5, 0.25, 0.125]);
  });

  it('inverse-square-root: eta min((t + 1) / W, sqrt(W / (t + 1)))', () => {
    // Vaswani et al.: d^-1/2 min(n^-1/2, n W^-3/2) at step n = t + 1, here with d^-1/2 = eta W^1/2; W is 1.6 epochs of
    // ten steps.
    const spec = { schedule: 'inverse-square-root', rate: 0.5, warmupEpochs: 1.6 } as const;
    expectClose(at(spec, 0, 7, 15, 24, 63, 99, 399), [0.03125, 0.25, 0.5, 0.4, 0.25, 0.2, 0.1]);
    expectClose(at({ schedule: 'inverse-square-root', warmupEpochs: 0.01 }, 0, 3), [0.4, 0.2]);
  });

  it("one-cycle: two half cosines, as PyTorch's OneCycleLR with its defaults", () => {
    // 100 steps: from 0.4 / 25 = 0.016 to 0.4 at step 29, and to 0.016 / 1e4 at step 99; half-way at 14.5 and 64.
    expectClose(at({ schedule: 'one-cycle' }, 0, 14.5, 29, 64, 99), [0.016, 0.208, 0.4, (0.4 + 1.6e-6) / 2, 1.6e-6]);
    // A third of each: cos(pi / 3) = 1/2 leaves a quarter of the way behind. The top is at 0.31 100 - 1 = 30.
    const spec = { schedule: 'one-cycle', rate: 1, pctStart: 0.31, divFactor: 10, finalDivFactor: 5 } as const;
    expectClose(at(spec, 0, 10, 20, 30, 53, 76, 99), [0.1, 0.325, 0.775, 1, 0.755, 0.265, 0.02]);
    expectClose(at(spec, 100, 250), [0.02, 0.02]);
  });

  it('one-cycle: begins at its peak, or next to it, where nothing rises', () => {
    // The top is at -1 then, as in PyTorch: step 0 is 1/100 of the way down.
    const spec = { schedule: 'one-cycle', rate: 1, pctStart: 0, divFactor: 1, finalDivFactor: 2 } as const;
    expectClose(at(spec, 0, 49, 99), [0.5 + (1 + Math.cos(Math.PI / 100)) / 4, 0.75, 0.5]);
    expectClose(at({ ...spec, pctStart: 0.01 }, 0, 99), [1, 0.5]);
  });

  it('stays at the final rate after the last step', () => {
    expectClose(at({ schedule: 'cosine', rate: 1, finalRate: 0.1 }, 100, 130), [0.1, 0.1]);
  });

  it.each([
    [-1],
    [Number.NaN],
    [{ schedule: 'cos' }],
    [{ schedule: 'step' }],
    [{ schedule: 'cosine', warmup: 2 }],
    [{ schedule: 'inverse-square-root' }],
    [{ schedule: 'one-cycle', pctStart: 1 }],
    [{ schedule: 'one-cycle', divFactor: 0 }],
  ])('refuses %j', (spec) => expect(learningRateSchema.safeParse(spec).success).toBe(false));
});
