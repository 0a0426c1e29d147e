import { createContainer } from '@flatmin/core';
import samPlugin from '@flatmin/sam';
import { afterEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { letsPlugin } from './plugin.js';

const made: { dispose(): void }[] = [];
afterEach(() => made.splice(0).forEach((each) => each.dispose()));
const own = <T extends { dispose(): void }>(each: T): T => (made.push(each), each);
const container = createContainer({ plugins: [samPlugin, letsPlugin] });

const linear = {
  ...{ preset: 'robust', parameterization: 'linear', upper: { use: 'sgd', learningRate: 0.1 }, projection: false },
  inner: { use: 'sam', rho: 0.5, base: { use: 'sgd', learningRate: 0.1 } },
};

/** 1/2 (a^2 + 2 b^2) from a = 3, b = 2, two layers; L_vl = 1/2 (2 (a - 1)^2 + (b + 1)^2). */
function bowl(options: object) {
  const names = [`a${made.length}/kernel`, `b${made.length}/kernel`] as const;
  const [a, b] = [own(tf.variable(tf.tensor([3]), true, names[0])), own(tf.variable(tf.tensor([2]), true, names[1]))];
  const squares =
    (weights: number[], [ca, cb]: readonly [number, number]) =>
    (): tf.Scalar =>
      tf.tidy(() => tf.mul(0.5, tf.sum(tf.mul(weights, tf.square(tf.concat([tf.sub(a, ca), tf.sub(b, cb)]))))));
  const validationLoss = squares([2, 1], [1, -1]);
  const optimizer = own(container.createOptimizer({ use: 'lets', ...linear, ...options }, { validationLoss }));
  const loss = squares([1, 2], [0, 0]);
  const step = () => (optimizer.minimize(loss, false, [a, b]), optimizer.lastStep);
  return { optimizer, step, names: names.map((name) => name.split('/')[0] as string), variables: [a, b], loss };
}

describe('groups', () => {
  it('have a radius and a hypergradient each', () => {
    // g = (3, 4), d = (0.6, 0.8), gp = (3.3, 4.8): H d = (0.6, 1.6), z = -0.1 of it. At theta' = (2.67, 1.52) q_vl is
    // (3.34, 2.52): h = (-0.2004, -0.4032), so rho is 0.52004 and 0.54032.
    const { names, step } = bowl({ groups: 'layer', memory: 0 });
    const first = step();
    expect(first.radius).toBeCloseTo(0.5, 6);
    expect(first.perturbationNorm).toBeCloseTo(0.5, 6);
    expect(first.hypergradient).toBeCloseTo(-0.6036, 5);
    expect(first[`radiusAfter/${names[0]}`]).toBeCloseTo(0.52004, 5);
    expect(first[`radiusAfter/${names[1]}`]).toBeCloseTo(0.54032, 5);
    expect(first.radiusAfter).toBeCloseTo(Math.sqrt(0.52004 * 0.54032), 5);
    // Step two climbs from (2.67, 1.52), g = (2.67, 3.04), each weight by its own radius.
    const length = Math.hypot(2.67, 3.04);
    const second = step();
    expect(second.perturbationNorm).toBeCloseTo(Math.hypot(0.52004 * 2.67, 0.54032 * 3.04) / length, 5);
  });

  it('of one role are one radius: as without groups, to rounding', () => {
    const [one, grouped] = [bowl({ preset: 'robust' }), bowl({ preset: 'robust', groups: 'role' })];
    for (let i = 0; i < 4; i++) {
      const [a, b] = [one.step(), grouped.step()];
      for (const name of ['radiusAfter', 'hypergradient', 'perturbationNorm', 'loss'] as const) {
        expect(b[name]).toBeCloseTo(a[name] as number, 5);
      }
      expect(b['radiusAfter/kernel']).toBeCloseTo(a.radiusAfter as number, 5);
    }
  });

  it('keep their proportions where the radius is set', () => {
    const { names, optimizer, step } = bowl({ groups: 'layer', memory: 0, upper: { use: 'sgd', learningRate: 1e-9 } });
    step();
    optimizer.radius = 0.25;
    expect(optimizer.radius).toBe(0.25);
    const after = step();
    expect(after.radius).toBeCloseTo(0.25, 6);
    expect(after[`radiusAfter/${names[1]}`]).toBeCloseTo(0.25, 6);
  });

  it('refuse the diagonal, and a variable that comes later', () => {
    expect(() => bowl({ groups: 'role', curvature: 'diagonal' })).toThrow(/groups.*no estimate for single groups/s);
    const { loss, optimizer, step, variables } = bowl({ groups: 'layer', memory: 0 });
    step();
    const late = own(tf.variable(tf.tensor([1]), true, `late${made.length}/kernel`));
    const wider = (): tf.Scalar => tf.tidy(() => tf.add(loss(), tf.sum<tf.Scalar>(tf.square(late))));
    expect(() => optimizer.minimize(wider, false, [...variables, late])).toThrow(
      /keeps the radii of 2 variables, and this step has 3/,
    );
  });
});
