import { Bowl } from '@flatmin/conformance';
import { asam } from '@flatmin/asam';
import type { SharpnessAwareOptimizer } from '@flatmin/core';
import { ascentOf, definePlugin, normalize, radius, scale, sub, variantFactory } from '@flatmin/core/plugin';
import { sam } from '@flatmin/sam';
import { afterEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { z } from 'zod';
import { rst, rstPlugin } from './plugin.js';

const { own, loss: bowl, dispose } = new Bowl();
afterEach(dispose);
const values = (tensor: tf.Tensor): number[] => Array.from(tensor.dataSync());
const sgd = { use: 'sgd', learningRate: 0.1 };

/** A variant that moves the weights beside its base, as decoupled WSAM does, or without it. */
const decoupled = variantFactory(
  definePlugin({
    kind: 'variant',
    id: 'decoupled',
    apiVersion: 1,
    options: z.strictObject({ rho: radius(0.5), alone: z.boolean().default(false) }),
    create: ({ alone }) => ({
      id: 'decoupled',
      radius: 'linear',
      initialState: () => ({}),
      estimate: ({ evaluate, radius: rho, state }) => {
        const { loss, gradient: clean } = evaluate();
        const offset = scale(normalize(clean), rho);
        const { gradient: perturbed } = evaluate({ offset });
        const ascent = ascentOf(offset, rho, { clean, perturbed });
        const update = scale(sub(perturbed, clean), -0.3);
        return { loss, update, state, ascent, ...(alone ? {} : { gradient: clean }) };
      },
    }),
  }),
);

interface Run {
  readonly branches: string[];
  readonly weights: number[];
}

/** Steps from the kernel (3, 2). */
function run(optimizer: SharpnessAwareOptimizer, steps: number): Run {
  const w = tf.variable(tf.tensor2d([[3, 2]]));
  const branches = Array.from({ length: steps }, () => {
    optimizer.minimize(bowl(w), false, [w]);
    return String(optimizer.lastStep.branch);
  });
  const weights = values(w);
  w.dispose();
  optimizer.dispose();
  return { branches, weights };
}

const share = (branches: string[]): number => branches.filter((branch) => branch === 'sam').length / branches.length;

describe('rst', () => {
  it('tosses given coins over and over', () => {
    const { branches } = run(rst(sam({ base: sgd }), { coins: [1, 0, 0] }), 7);
    expect(branches).toEqual(['sam', 'base', 'base', 'sam', 'base', 'base', 'sam']);
  });

  it('mixes the two gradients by gamma, as worked out by hand', () => {
    // g = (3, 4), epsilon = (0.3, 0.4), ghat = (3.3, 4.8); 0.75 g + 0.25 ghat = (3.075, 4.2).
    const { weights } = run(rst(sam({ rho: 0.5, base: sgd }), { p: 1, gamma: 0.25 }), 1);
    expect(weights).toEqual([expect.closeTo(3 - 0.3075, 6), expect.closeTo(2 - 0.42, 6)]);
  });

  it('goes beyond ghat at gamma 2', () => {
    const { weights } = run(rst(sam({ rho: 0.5, base: sgd }), { p: 1, gamma: 2 }), 1);
    expect(weights).toEqual([expect.closeTo(3 - 0.36, 6), expect.closeTo(2 - 0.56, 6)]);
  });

  it('perturbs with probability p: the share over seeds keeps to binomial bounds', () => {
    const steps = 25;
    const seeds = 16;
    for (const p of [0.1, 0.5, 0.9]) {
      const shares = Array.from({ length: seeds }, (_, seed) =>
        share(run(rst(sam({ base: sgd }), { p, seed }), steps).branches),
      );
      const mean = shares.reduce((sum, each) => sum + each, 0) / seeds;
      const deviation = Math.sqrt((p * (1 - p)) / (steps * seeds));
      expect(Math.abs(mean - p)).toBeLessThan(4 * deviation);
      expect(new Set(shares).size).toBeGreaterThan(1); // Seeds differ.
    }
  });

  it('tosses the same coins for the same seed, whatever the loss', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 31), (seed) => {
        const [one, other] = [
          run(rst(sam({ base: sgd }), { seed }), 6),
          run(rst(asam({ rho: 1, base: sgd }), { seed }), 6),
        ];
        expect(one.branches).toEqual(other.branches);
      }),
      { numRuns: 10, seed: 3 },
    );
  });

  it('draws more coins at a higher p, never other ones', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.double({ min: 0, max: 1, noNaN: true }), (seed, p) => {
        const low = run(rst(sam({ base: sgd }), { seed, p: p / 2 }), 8).branches;
        const high = run(rst(sam({ base: sgd }), { seed, p }), 8).branches;
        low.forEach((branch, t) => branch === 'sam' && expect(high[t]).toBe('sam'));
      }),
      { numRuns: 10, seed: 4 },
    );
  });

  it.each([
    ['piecewise', { schedule: 'piecewise' as const, boundaries: [3], values: [0, 1] }, 'bbbsss'],
    ['linear', { schedule: 'linear' as const, from: 1, to: 1, steps: 4 }, 'ssssss'],
    ['cosine', { schedule: 'cosine' as const, from: 0, to: 0 }, 'bbbbbb'],
  ])('follows a %s schedule of p', (_, p, expected) => {
    const { branches } = run(rst(sam({ base: sgd }), { p, totalSteps: 6 }), 6);
    expect(branches.map((branch) => branch[0]).join('')).toBe(expected);
  });

  it('says what a schedule without steps needs', () => {
    const p = { schedule: 'linear' as const, from: 0, to: 1 };
    expect(() => rst(sam({ base: sgd }), { p })).toThrow(/schedule of p of rst needs the number of steps.*totalSteps/);
  });

  it('leaves a step of the inner window that does not perturb to the base', () => {
    const { branches } = run(rst(sam({ every: 2, base: sgd }), { p: 1, gamma: 0.5 }), 4);
    expect(branches).toEqual(['sam', 'base', 'sam', 'base']);
  });

  it('moderates an update beside the gradient, and refuses to mix where there is no gradient', () => {
    // The inner one gives g to the base and -0.3 (ghat - g) = -0.3 (0.3, 0.8) beside it, of which gamma takes half.
    const { weights } = run(rst(decoupled({ rho: 0.5, base: sgd }), { p: 1, gamma: 0.5 }), 1);
    expect(weights).toEqual([expect.closeTo(3 - 0.3 - 0.045, 6), expect.closeTo(2 - 0.4 - 0.12, 6)]);
    const alone = (gamma: number) => rst(decoupled({ rho: 0.5, alone: true, base: sgd }), { p: 1, gamma });
    expect(run(alone(1), 1).weights).toEqual([expect.closeTo(3 - 0.09, 6), expect.closeTo(2 - 0.24, 6)]);
    expect(() => run(alone(0.5), 1)).toThrow(/gives none.*Leave gamma at 1/s);
  });

  it('case 24: says that no coin of the run can fall on its face', () => {
    const inner = own(sam({ base: sgd })).setup.variant;
    const said = (boundary: number): string[] => {
      const lines: string[] = [];
      const caution = (line: string): void => void lines.push(line);
      const p = { schedule: 'piecewise' as const, values: [0, 0.5], boundaries: [boundary] };
      rstPlugin.create(rstPlugin.options.parse({ p }), { inner, wrap: () => inner, totalSteps: 38, caution });
      return lines;
    };
    expect(said(5000)).toEqual([
      'p of rst is 0 until step 5000 and the run has 38 steps: none of them perturbs; all are steps of the base.',
    ]);
    expect(said(37)).toEqual([]);
  });

  it.each([
    [{ p: 1.5 }, /p:.*got 1\.5/s],
    [{ p: { schedule: 'linear', from: 0, to: 2 } }, /p\.to:.*got 2/s],
    [{ coins: [] }, /coins/],
    [{ coins: [0, 2] }, /coins/],
    [{ p: 0.5, coins: [1] }, /coins replace p/],
    [{ gamma: -1 }, /gamma.*got -1/s],
  ])('refuses %o', (options, message) => {
    const inner = own(sam({ base: sgd }));
    expect(() => rst(inner, options as Parameters<typeof rst>[1])).toThrow(message);
  });
});
