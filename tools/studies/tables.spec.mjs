import { describe, expect, it } from '@jest/globals';
import { difference, goalTable, resultTable } from './tables.mjs';

/** A row of these results, one for each seed from 0, with their mean and its standard error worked out by hand. */
const row = (name, results, mean, error, radius) => ({
  name,
  method: name,
  seeds: results.map((result, seed) => ({ seed, result })),
  result: { count: results.length, mean, error, least: 0, greatest: 1 },
  ...(radius && { learnsRadius: true, radius: { least: radius[0], greatest: radius[1] } }),
});
const base = row('base', [0.5, 0.6, 0.7], 0.6, 0.0577);
const fixed = row('SAM, rho chosen on validation', [0.7, 0.7, 0.7], 0.7, 0);
const above = row('LETS, rho 0.02', [0.72, 0.71, 0.7], 0.71, 0.0058, [0.0123, 1.987]);
const below = row('LETS, rho 0.5', [0.6, 0.62, 0.61], 0.61, 0.0058, [0.5, 0.5]);
const task = { name: 't', moreIsBetter: true, rows: [base, fixed, above, below] };

describe('the tables of a study', () => {
  it('have a row for each method, with its error and, of what learns one, the range of its radius', () => {
    expect(resultTable([task]).split('\n')).toEqual([
      '| method | t |',
      '| --- | --- |',
      '| base | .600 ± .058 |',
      '| SAM, rho chosen on validation | .700 ± .000 |',
      '| LETS, rho 0.02 | .710 ± .006 (0.012 to 2) |',
      '| LETS, rho 0.5 | .610 ± .006 (0.5 to 0.5) |',
    ]);
  });

  it('compare over the seeds that both have, what is better being positive', () => {
    // Differences 0.02, 0.01, 0: mean 0.01, deviation 0.01, over sqrt(3).
    const { count, error, mean } = difference(task, above, fixed);
    expect([count, mean, error]).toEqual([3, expect.closeTo(0.01, 9), expect.closeTo(0.01 / Math.sqrt(3), 9)]);
    expect(difference({ ...task, moreIsBetter: false }, above, fixed).mean).toBeCloseTo(-0.01, 9);
    const fewer = { ...fixed, seeds: fixed.seeds.slice(1) };
    expect(difference(task, above, fewer).count).toBe(2);
  });

  it('measure LETS by the better of the base and the radius that validation chose', () => {
    const [, , line] = goalTable([task]).split('\n');
    expect(line).toBe('| t | SAM, rho chosen on validation .700 ± .000 | +.010 ± .006 = | -.090 ± .006 -- |');
    // Where less is better, the base is the best here. LETS from 0.5 is 0.01 worse, with an error of 0.0551.
    const [, , errors] = goalTable([{ ...task, moreIsBetter: false }]).split('\n');
    expect(errors).toBe('| t | base .600 ± .058 | -.110 ± .064 - | -.010 ± .055 = |');
  });
});
