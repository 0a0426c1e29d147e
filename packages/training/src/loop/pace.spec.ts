import { describe, expect, it } from '@jest/globals';
import { Pace } from './pace.js';

describe('case 35: the time left', () => {
  const time = { now: 0 };
  const clock = { now: () => 0, elapsed: () => time.now };
  const paceOf = (): Pace => {
    time.now = 0;
    return new Pace(0, clock);
  };
  const spend = (pace: Pace, seconds: number, on: Parameters<Pace['spent']>[0]): void => {
    time.now += 1000 * seconds;
    pace.spent(on);
  };

  it('is not known while there was none but the first step', () => {
    const pace = paceOf();
    spend(pace, 40, 'first step');
    expect(pace.secondsLeft({ steps: 5, epochs: 0 })).toBeNaN();
  });

  it('is that of steps like most, and of the ends of epochs: not of those that record', () => {
    const pace = paceOf();
    spend(pace, 40, 'first step');
    spend(pace, 1, 'step');
    spend(pace, 3, 'step');
    spend(pace, 40, 'first step'); // A smaller batch.
    spend(pace, 10, 'end of epoch');
    expect(pace.secondsLeft({ steps: 3, epochs: 1 })).toBeCloseTo(3 * 2 + 10, 9);
    expect(pace.secondsLeft({ steps: 0, epochs: 0 })).toBe(0);
    expect(pace.seconds).toBeCloseTo(94, 9);
  });
});
