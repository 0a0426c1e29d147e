import { describe, expect, it } from '@jest/globals';
import { needsTotalSteps, scheduleAt, scheduleSchema, type ScheduleSpec } from './schedule.js';

const at = (spec: ScheduleSpec, index: number, totalSteps?: number, learningRate = 0.1): number =>
  scheduleAt(spec, { index, totalSteps, learningRate });
const along = (spec: ScheduleSpec, count: number, totalSteps?: number): number[] =>
  Array.from({ length: count }, (_, index) => at(spec, index, totalSteps));

describe('schedules of rho', () => {
  it('number: itself, always', () => {
    expect(along(0.3, 3)).toEqual([0.3, 0.3, 0.3]);
  });

  it('linear: a straight ramp whose last step has arrived, then constant', () => {
    const linear: ScheduleSpec = { schedule: 'linear', from: 1, to: 3, steps: 5 };
    expect(along(linear, 7)).toEqual([1, 1.5, 2, 2.5, 3, 3, 3]);
    expect(along({ schedule: 'linear', from: 1, to: 0 }, 3, 3)).toEqual([1, 0.5, 0]);
    expect(along({ ...linear, steps: 1 }, 2)).toEqual([3, 3]);
  });

  it('cosine: half a cosine, by its closed form', () => {
    const cosine: ScheduleSpec = { schedule: 'cosine', from: 2, to: 0, steps: 5 };
    const expected = [0, 1, 2, 3, 4, 4].map((i) => 1 + Math.cos((Math.PI * i) / 4));
    along(cosine, 6).forEach((rho, i) => expect(rho).toBeCloseTo(expected[i] as number, 12));
    expect(at(cosine, 2)).toBeCloseTo(1, 12);
  });

  it('piecewise: the next value from its boundary on', () => {
    const piecewise: ScheduleSpec = { schedule: 'piecewise', boundaries: [2, 4], values: [1, 2, 3] };
    expect(along(piecewise, 6)).toEqual([1, 1, 2, 2, 3, 3]);
  });

  it('proportional: follows the learning rate of the same step, by hand, and is never negative', () => {
    const proportional: ScheduleSpec = {
      schedule: 'proportional',
      rhoMax: 0.4,
      rhoMin: 0.2,
      learningRateMax: 0.3,
      learningRateMin: 0.1,
    };
    expect(at(proportional, 0, undefined, 0.3)).toBeCloseTo(0.4, 12);
    expect(at(proportional, 0, undefined, 0.2)).toBeCloseTo(0.3, 12);
    expect(at(proportional, 9, undefined, 0.1)).toBeCloseTo(0.2, 12);
    expect(at({ ...proportional, rhoMin: 0 }, 0, undefined, 0)).toBe(0);
    expect(at({ ...proportional, learningRateMin: 0.3 }, 0)).toBe(0.4);
  });

  it('window: its rho everywhere, for the window is a gate', () => {
    expect(along({ schedule: 'window', rho: 0.2, start: 1, end: 2 }, 3)).toEqual([0.2, 0.2, 0.2]);
  });

  it('needs the total number of steps for a ramp without its own', () => {
    expect(needsTotalSteps({ schedule: 'linear', from: 0, to: 1 })).toBe(true);
    expect(needsTotalSteps({ schedule: 'cosine', from: 0, to: 1 })).toBe(true);
    expect(needsTotalSteps({ schedule: 'cosine', from: 0, to: 1, steps: 2 })).toBe(false);
    expect(needsTotalSteps({ schedule: 'window', rho: 1, start: 0 })).toBe(false);
    expect(needsTotalSteps(1)).toBe(false);
  });

  it.each<[unknown, string]>([
    [-1, ''],
    [NaN, 'finite'],
    ['0.1', 'finite'],
    [null, 'finite'],
    [{ schedule: 'linear', from: -1, to: 1 }, 'from'],
    [{ schedule: 'linear', from: 0, to: 1, step: 2 }, 'step'],
    [{ schedule: 'piecewise', boundaries: [1, 2], values: [1, 2] }, 'values'],
    [{ schedule: 'piecewise', boundaries: [2, 2], values: [1, 2, 3] }, 'boundaries'],
    [{ schedule: 'window', rho: 1, start: 5, end: 5 }, 'end'],
    [{ schedule: 'proportional', rhoMax: 1, rhoMin: 0 }, 'learningRateMax'],
  ])('refuses %j, and says where', (spec, where) => {
    const issue = scheduleSchema.safeParse(spec).error?.issues[0];
    expect([...(issue?.path ?? []), issue?.message].join(': ')).toContain(where);
  });
});
