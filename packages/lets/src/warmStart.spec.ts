import { createContainer, type OptimizerContext, tokens } from '@flatmin/core';
import { ContainerModule } from 'inversify';
import samPlugin from '@flatmin/sam';
import { afterEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { letsPlugin } from './plugin.js';

const made: { dispose(): void }[] = [];
afterEach(() => made.splice(0).forEach((each) => each.dispose()));
const own = <T extends { dispose(): void }>(each: T): T => (made.push(each), each);

const warned: string[] = [];
const container = createContainer({
  plugins: [samPlugin, letsPlugin],
  modules: [
    new ContainerModule(({ rebind }) => {
      const warn = (line: string): void => void warned.push(line);
      rebind(tokens.Logger).toConstantValue({ info: () => undefined, warn });
    }),
  ],
});
afterEach(() => void warned.splice(0));
const inner = { use: 'sam', rho: 0.5, base: { use: 'sgd', learningRate: 0.1 } };

/** Steps on 1/2 (w1^2 + 2 w2^2) from (3, 2), L_vl = 1/2 (2 (w1 - 1)^2 + (w2 + 1)^2): what each says of itself. */
function stepsOf(options: object, count: number, context: OptimizerContext = {}) {
  const w = own(tf.variable(tf.tensor1d([3, 2])));
  const bowl = (a: number[], c: number[]) => (): tf.Scalar =>
    tf.tidy(() => tf.mul(0.5, tf.sum(tf.mul(a, tf.square(tf.sub(w, c))))));
  const validationLoss = bowl([2, 1], [1, -1]);
  const optimizer = own(container.createOptimizer({ use: 'lets', inner, ...options }, { validationLoss, ...context }));
  return Array.from({ length: count }, () => {
    optimizer.minimize(bowl([1, 2], [0, 0]), false, [w]);
    const { branch, radius, radiusAfter, gradientEvaluations } = optimizer.lastStep;
    return { branch, radius, radiusAfter: radiusAfter as number, gradientEvaluations };
  });
}

describe('warmStart', () => {
  const resting = { branch: 'base', radius: null, radiusAfter: 0.5, gradientEvaluations: 1 };
  const learns = expect.objectContaining({ radius: 0.5, gradientEvaluations: 3 });

  it('is a share of the run, or so many steps: the base alone, rho at rest', () => {
    const rested = [resting, resting, learns];
    expect(stepsOf({ preset: 'robust', warmStart: 0.2 }, 3, { totalSteps: 10 })).toEqual(rested);
    expect(stepsOf({ preset: 'robust', warmStart: 2 }, 3)).toEqual(rested);
  });

  it('moves what comes after it as if the run began there', () => {
    const [, , first] = stepsOf({ preset: 'robust', warmStart: 2 }, 3);
    expect(first?.radiusAfter).toBeCloseTo(0.5 * Math.exp(-0.02), 6); // Adam's first step is its rate.
  });

  it('is a fifth of the run by default, and the rate of rho falls from 0.1 to 0.02', () => {
    const [, second] = stepsOf({}, 2, { totalSteps: 5 });
    expect(second?.radiusAfter).toBeCloseTo(0.5 * Math.exp(0.08 * 0.95), 6); // Step 1 of 5: a quarter of the way.
    expect(warned).toEqual([]);
  });

  it('falls back on preset robust where the length of the run is not known, and says so', () => {
    expect(stepsOf({}, 1)[0]?.radiusAfter).toBeCloseTo(0.5 * Math.exp(-0.02), 6);
    expect(warned).toEqual([
      'lets does not know how long the run is: there is no warm start, and rho moves by 0.02 a step throughout. Give ' +
        'totalSteps in the context of createOptimizer, or warmStart in steps and upper.learningRate as a number.',
    ]);
  });

  it('takes the projection of robust too then, where none was given', () => {
    const [{ radiusAfter } = { radiusAfter: NaN }] = stepsOf({ projection: false }, 1);
    expect(radiusAfter).toBeCloseTo(0.5 * Math.exp(0.02), 6); // Without it h has the other sign here.
  });

  it('refuses a share that was given, and a ramp, where the length is not known', () => {
    const upper = { learningRate: { schedule: 'linear', from: 0.1, to: 0.02 } };
    for (const options of [{ warmStart: 0.1 }, { upper }]) {
      expect(() => stepsOf(options, 1)).toThrow(expect.objectContaining({ code: 'TOTAL_STEPS_MISSING' }));
    }
    expect(() => stepsOf({ warmStart: 1.5 }, 1)).toThrow(/neither a share below 1 nor a whole number/);
  });

  it('says where it takes the whole run', () => {
    stepsOf({ preset: 'robust', warmStart: 9 }, 1, { totalSteps: 9 });
    expect(warned).toEqual(['warmStart of lets is 9 and the run has 9 steps: rho is never learned.']);
  });
});

describe('the preset', () => {
  it('is warm, and paper where something of the published form is named, as specs of before do', () => {
    const told = (options: object): number | undefined =>
      stepsOf(options, 1, { totalSteps: 1 })[0]?.gradientEvaluations as number;
    expect(told({})).toBe(3); // A fifth of one step is none.
    for (const part of [{ curvature: 'diagonal' }, { objective: 'gap' }]) expect(told(part)).toBe(4);
    expect(told({ preset: 'paper' })).toBe(4);
  });
});
