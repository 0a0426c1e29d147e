import { createContainer, type LossFunction, type SharpnessAwareOptimizer } from '@flatmin/core';
import type { ParameterRoles } from '@flatmin/core/plugin';
import { samPlugin } from '@flatmin/sam';
import { afterEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { samOn, samOnPlugin } from './plugin.js';

const made: { dispose(): void }[] = [];
afterEach(() => made.splice(0).forEach((each) => each.dispose()));
const own = <T extends { dispose(): void }>(each: T): T => {
  made.push(each);
  return each;
};
const values = (tensor: tf.Tensor): number[] => Array.from(tensor.dataSync());
const sgd = { use: 'sgd', learningRate: 1 };
let scopes = 0;

/** L = sum of w^2 / 2 over a kernel, a bias, gamma and beta, each of two numbers; one step from `start`. */
function step(
  create: (roles?: ParameterRoles) => SharpnessAwareOptimizer,
  start: readonly number[],
  rolesGiven = false,
) {
  const scope = `samOn${scopes++}`;
  const names = ['dense/kernel', 'dense/bias', 'norm/gamma', 'norm/beta'];
  const all = names.map((name, i) =>
    own(tf.tidy(() => tf.variable(tf.tensor1d(start.slice(2 * i, 2 * i + 2)), true, `${scope}/${name}`))),
  );
  const seen: number[][] = [];
  const loss: LossFunction = () => {
    seen.push(all.flatMap(values));
    return tf.tidy(() => tf.addN<tf.Scalar>(all.map((w) => tf.mul<tf.Scalar>(0.5, tf.sum(tf.square(w))))));
  };
  const optimizer = own(create(rolesGiven ? { [`${scope}/dense/bias`]: 'normalization' } : undefined));
  optimizer.minimize(loss, false, all);
  const [clean = [], moved = []] = seen;
  const after = all.flatMap(values);
  return {
    offset: moved.map((value, i) => value - (clean[i] as number)),
    moved,
    taken: clean.map((value, i) => value - (after[i] as number)),
  };
}

const start = fc.array(fc.double({ min: 0.1, max: 5, noNaN: true }), { minLength: 8, maxLength: 8 });
const runs = { numRuns: 20, seed: 1 };

describe('sam-on', () => {
  it('perturbs normalization by rho along its own gradient, and descends in all weights', () => {
    fc.assert(
      fc.property(start, fc.double({ min: 0.01, max: 2, noNaN: true }), (w, rho) => {
        const { offset, moved, taken } = step(() => samOn({ rho, base: sgd }), w);
        const length = Math.hypot(...w.slice(4));
        expect(offset.slice(0, 4)).toEqual([0, 0, 0, 0]);
        offset.slice(4).forEach((value, i) => expect(value).toBeCloseTo((rho * (w[i + 4] as number)) / length, 4));
        // The gradient at the perturbed point is that point.
        taken.forEach((value, i) => expect(value).toBeCloseTo(moved[i] as number, 4));
      }),
      runs,
    );
  });

  it('moves each number by rho with p infinity, along the sign of its gradient', () => {
    const { offset } = step(() => samOn({ rho: 0.25, p: 'infinity', base: sgd }), [1, -1, 1, -1, 2, -3, 0, 4]);
    expect(offset).toEqual([0, 0, 0, 0, 0.25, -0.25, 0, 0.25]);
  });

  it('perturbs what it otherwise does not, with complement', () => {
    const { offset } = step(() => samOn({ rho: 0.5, complement: true, base: sgd }), [3, 0, 4, 0, 7, 7, 7, 7]);
    expect(offset).toEqual([0.3, 0, 0.4, 0, 0, 0, 0, 0].map((value) => expect.closeTo(value, 5)));
  });

  it('takes roles from the context', () => {
    const create = (parameters?: ParameterRoles) => samOn({ rho: 0.5, base: sgd }, { parameters });
    const { offset } = step(create, [9, 9, 3, 0, 4, 0, 0, 0], true);
    expect(offset).toEqual([0, 0, 0.3, 0, 0.4, 0, 0, 0].map((value) => expect.closeTo(value, 5)));
  });

  it('is SAM, bit for bit, where all weights belong to normalization', () => {
    const container = createContainer({ plugins: [samPlugin, samOnPlugin] });
    const [one, other] = ['sam', 'sam-on'].map((use) => {
      const w = own(tf.variable(tf.tensor1d([3, -2]), true, `${use}${scopes++}/gamma`));
      const optimizer = own(container.createOptimizer({ use, rho: 0.4, base: { use: 'sgd', learningRate: 0.1 } }));
      for (let i = 0; i < 5; i++) {
        optimizer.minimize(() => tf.sum<tf.Scalar>(tf.mul(tf.square(w), [1, 2])), false, [w]);
      }
      return values(w);
    });
    expect(other).toEqual(one);
  });

  it.each([
    [{}, /sam-on.*only the parameters of normalization.*kernel/s, 'kernel'],
    [{ complement: true }, /sam-on.*all parameters except.*gamma/s, 'gamma'],
  ])('refuses a model that has nothing for %o, and changes nothing', (options, message, name) => {
    const w = own(tf.variable(tf.tensor1d([3, 2]), true, `lone${scopes++}/${name}`));
    const optimizer = own(samOn({ ...options, base: sgd }));
    let evaluated = 0;
    const loss = (): tf.Scalar => {
      evaluated++;
      return tf.sum<tf.Scalar>(tf.square(w));
    };
    const minimize = (): unknown => optimizer.minimize(loss, false, [w]);
    expect(minimize).toThrow(expect.objectContaining({ code: 'VARIABLES_INVALID' }));
    expect(minimize).toThrow(message);
    expect(values(w)).toEqual([3, 2]);
    expect(evaluated).toBe(0);
  });

  it.each([
    [{ p: 1 }, /p.*got 1/s],
    [{ p: Infinity }, /p/],
    [{ no_norm: true }, /no_norm.*rho, p, complement/s],
  ])('refuses %o', (options, message) => {
    expect(() => samOn({ ...options, base: sgd } as Parameters<typeof samOn>[0])).toThrow(message);
  });
});
