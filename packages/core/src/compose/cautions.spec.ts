import { afterEach, describe, expect, it } from '@jest/globals';
import { ContainerModule } from 'inversify';
import * as z from 'zod';
import { createContainer } from './container.js';
import { definePlugin } from '../plugin/plugin.js';
import { radius } from '../variant/schedule.js';
import { owner, toySam } from '../toys.fixture.js';
import { tokens } from '../contracts/services.js';

const own = owner(afterEach);
const options = z.strictObject({ rho: radius(0.05) });
const toy = definePlugin({ kind: 'variant', id: 'toy', apiVersion: 1, options, create: () => toySam });
const base = { use: 'sgd', learningRate: 0.1 };
const schedule = (values: number[], boundaries: number[]) => ({ schedule: 'piecewise', values, boundaries });

/** What is said when an optimizer of a run of 38 steps is made. */
function said(spec: object, run: { totalSteps?: number } = { totalSteps: 38 }): string[] {
  const lines: string[] = [];
  const logger = { info: () => undefined, warn: (line: string) => void lines.push(line) };
  const module = new ContainerModule(({ rebind }) => {
    rebind(tokens.Logger).toConstantValue(logger);
  });
  const container = createContainer({ plugins: [toy], modules: [module] });
  own(container.createOptimizer({ use: 'toy', ...spec, base }, run));
  return lines;
}

describe('case 24: what would switch the method off silently', () => {
  it('is said in one line, with the setting and the length of the run', () => {
    const none = 'none of them perturbs; all are steps of the base.';
    expect(said({ start: 5000 })).toEqual([`start is 5000 and the run has 38 steps: ${none}`]);
    expect(said({ start: 38 })).toHaveLength(1);
    expect(said({ rho: { schedule: 'window', rho: 1, start: 40 } })).toEqual([
      `rho.start is 40 and the run has 38 steps: ${none}`,
    ]);
    expect(said({ rho: schedule([0, 0.5], [100]) })).toEqual([
      `rho is 0 until step 100 and the run has 38 steps: ${none}`,
    ]);
  });

  it('and nothing where it does something, is nothing for good, or nobody knows how long the run is', () => {
    expect(said({ start: 37 })).toEqual([]);
    expect(said({ rho: schedule([0, 0.5], [37]) })).toEqual([]);
    expect(said({ rho: schedule([0.5, 0], [100]) })).toEqual([]);
    expect(said({ rho: schedule([0, 0], [100]) })).toEqual([]);
    expect(said({ rho: 0 })).toEqual([]);
    expect(said({ start: 5000 }, {})).toEqual([]);
  });
});
