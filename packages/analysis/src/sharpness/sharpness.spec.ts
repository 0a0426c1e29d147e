import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { quadratic, symmetric } from '../curvature/quadratic.fixture.js';
import { averageCaseSharpness, oneStepSharpness, worstCaseSharpness } from '../index.js';
import { reference, referenceSurface } from '../reference.fixture.js';
import { dot } from '../vectors/vector.js';
import { steepest, within } from './ball.js';

let before = 0;
beforeEach(() => {
  before = tf.memory().numTensors;
});
afterEach(() => expect(tf.memory().numTensors).toBe(before));

const { rho } = reference.sharpness;

describe('the network of the reference', () => {
  it.each([
    [false, 'oneStep', 'worstCase'],
    [true, 'oneStepAdaptive', 'worstCaseAdaptive'],
  ] as const)('has the sharpness of NumPy and SciPy in a ball, adaptive %s', async (adaptive, oneStep, worst) => {
    const { surface, dispose } = await referenceSurface();
    const sam = await oneStepSharpness(surface, { rho, adaptive });
    expect(sam.sharpness).toBeCloseTo(reference.sharpness[oneStep] as number, 6);
    expect(sam).toMatchObject({ gradients: 1, values: 1, standardError: 0 });
    const { sharpness, gradients } = await worstCaseSharpness(surface, { rho, adaptive });
    expect(gradients).toBe(21);
    // A lower bound of what SLSQP finds, and near it.
    expect(sharpness).toBeLessThan((reference.sharpness[worst] as number) + 1e-6);
    expect(sharpness).toBeGreaterThan(0.995 * (reference.sharpness[worst] as number));
    expect(sharpness).toBeGreaterThan(sam.sharpness);
    dispose();
  });

  it('has that of SciPy in a box', async () => {
    const { surface, dispose } = await referenceSurface();
    const { sharpness } = await worstCaseSharpness(surface, { rho: 0.05, norm: 'linf', steps: 40 });
    expect(sharpness).toBeLessThan((reference.sharpness['worstCaseBox'] as number) + 1e-6);
    expect(sharpness).toBeGreaterThan(0.998 * (reference.sharpness['worstCaseBox'] as number));
    dispose();
  });

  it('rises in the mean by half the trace, for little noise', async () => {
    const { surface, dispose } = await referenceSurface();
    const found = await averageCaseSharpness(surface, { rho: 0.01, samples: 200 });
    expect(found).toMatchObject({ gradients: 0, values: 201 });
    expect(Math.abs(found.sharpness - (reference.sharpness['averageByTrace'] as number))).toBeLessThan(
      4 * found.standardError,
    );
    expect(found.standardError).toBeLessThan(3e-5);
    dispose();
  });

  it('does not depend on the scale of its outputs once they are normalized', async () => {
    const losses: number[] = [];
    const rises: number[] = [];
    for (const outputScale of [1, 3]) {
      const { surface, dispose } = await referenceSurface({ outputScale, isNormalized: true });
      losses.push((await surface.value()).loss);
      rises.push((await worstCaseSharpness(surface, { rho: 0.1 })).sharpness);
      dispose();
    }
    expect(losses[0]).toBeCloseTo(reference.normalizedLogits.loss, 6);
    expect(losses[1]).toBeCloseTo(reference.normalizedLogits.scaledLoss, 6);
    expect(rises[0]).toBeCloseTo(rises[1] as number, 5);
  });

  it('m-sharpness is the mean over batches, and no less than that of all examples together', async () => {
    const { surface, dispose } = await referenceSurface({ batches: [8, 8, 8] });
    const whole = await oneStepSharpness(surface, { rho });
    const each = await oneStepSharpness(surface, { rho, perBatch: true });
    expect(each.sharpness).toBeGreaterThan(whole.sharpness);
    expect(each.standardError).toBeGreaterThan(0);
    expect(each).toMatchObject({ gradients: 1, values: 1 });
    const alone: number[] = [];
    for (const batch of surface.ofBatches()) alone.push((await oneStepSharpness(batch, { rho })).sharpness);
    expect(each.sharpness).toBeCloseTo(alone.reduce((sum, value) => sum + value, 0) / 3, 10);
    dispose();
  });
});

describe('a quadratic', () => {
  it('in its minimum rises by rho^2 lambda / 2 at worst, and by rho^2 trace / 2 in the mean', async () => {
    const all = [6, 2, 1, 0.5];
    const { surface, dispose } = await quadratic(symmetric(all), [1e-3, 1e-3, 1e-3, 1e-3]);
    const worst = await worstCaseSharpness(surface, { rho: 0.5, steps: 60 });
    expect(worst.sharpness).toBeCloseTo(0.75, 2);
    const mean = await averageCaseSharpness(surface, { rho: 0.5, samples: 400 });
    expect(Math.abs(mean.sharpness - (0.25 / 2) * 9.5)).toBeLessThan(4 * mean.standardError);
    dispose();
  });

  it('under adaptive noise rises by rho^2 / 2 of the curvatures, each by the size of its weight', async () => {
    const { surface, dispose } = await quadratic([Float32Array.of(3, 0), Float32Array.of(0, 5)], [0.99, -1.99]);
    const { sharpness, standardError } = await averageCaseSharpness(surface, {
      rho: 0.1,
      samples: 400,
      adaptive: true,
    });
    // |theta| + 0.01 is 1 and 2.
    expect(Math.abs(sharpness - (0.01 / 2) * (3 * 1 + 5 * 4))).toBeLessThan(4 * standardError);
    expect(standardError).toBeLessThan(0.02);
    dispose();
  });

  /** The ascent in float64, by hand, over L = (a x^2 + b y^2) / 2: by how much its points rise, the start left out. */
  function climbed([a, b]: readonly [number, number], theta: readonly [number, number], rho: number, steps: number) {
    const along = (x: number, y: number, length: number) => {
      const [gx, gy] = [a * (theta[0] + x), b * (theta[1] + y)];
      return [(length * gx) / Math.hypot(gx, gy), (length * gy) / Math.hypot(gx, gy)] as [number, number];
    };
    const lossAt = (x: number, y: number) =>
      (a * (theta[0] + x) ** 2 + b * (theta[1] + y) ** 2) / 2 - (a * theta[0] ** 2 + b * theta[1] ** 2) / 2;
    let [x, y] = along(0, 0, rho);
    const rises = [lossAt(x, y)];
    for (let i = 0; i < steps; i++) {
      const [dx, dy] = along(x, y, (2.5 * rho) / steps);
      const back = Math.min(1, rho / Math.hypot(x + dx, y + dy));
      [x, y] = [(x + dx) * back, (y + dy) * back];
      rises.push(lossAt(x, y));
    }
    return rises;
  }

  it.each([
    { what: 'at its last point', curvature: [4, 1], theta: [0.1, 1], steps: 2, isLast: true },
    { what: 'on the way', curvature: [-8, -1], theta: [0.3, 0.4], steps: 3, isLast: false },
  ] as const)('rises at worst $what as the ascent by hand does', async ({ curvature, theta, steps, isLast }) => {
    const [a, b] = curvature;
    const { surface, dispose } = await quadratic([Float32Array.of(a, 0), Float32Array.of(0, b)], theta);
    const rises = climbed(curvature, theta, 0.5, steps);
    const highest = Math.max(...rises);
    expect(rises.indexOf(highest) === steps).toBe(isLast);
    const { sharpness, gradients, values } = await worstCaseSharpness(surface, { rho: 0.5, steps });
    expect(sharpness).toBeCloseTo(highest, 5);
    expect([gradients, values]).toEqual([steps + 1, 1]);
    dispose();
  });

  it('with the gradient 0 has the sharpness 0 along one step', async () => {
    const { surface, dispose } = await quadratic(symmetric([3, 1]), [0, 0]);
    expect((await oneStepSharpness(surface)).sharpness).toBe(0);
    expect((await worstCaseSharpness(surface)).sharpness).toBe(0);
    dispose();
  });
});

describe('a ball', () => {
  const numbers = (min: number, max: number) =>
    fc.array(fc.double({ min, max, noNaN: true }), { minLength: 4, maxLength: 4 });

  it('has its steepest point on its surface, and nothing of it higher', () => {
    fc.assert(
      fc.property(numbers(-5, 5), numbers(0.01, 3), numbers(-1, 1), fc.constantFrom('l2', 'linf'), (g, c, d, norm) => {
        const gradient = Float32Array.from(g);
        const around = { norm, rho: 0.5, scale: Float32Array.from(c) } as const;
        const highest = steepest(gradient, around);
        const top = dot(gradient, highest);
        const other = within(Float32Array.from(d), around);
        expect(dot(gradient, other)).toBeLessThanOrEqual(top + 1e-5);
        const lengthOf = (point: Float32Array): number => {
          const relative = [...point].map((value, i) => Math.abs(value / (around.scale[i] as number)));
          return norm === 'l2' ? Math.hypot(...relative) : Math.max(...relative);
        };
        expect(lengthOf(other)).toBeLessThan(0.5 + 1e-5);
        if (gradient.some((value) => Math.abs(value) > 1e-3)) expect(lengthOf(highest)).toBeCloseTo(0.5, 5);
      }),
    );
  });

  it('leaves what lies within it', () => {
    const inside = Float32Array.from([0.1, -0.2]);
    for (const norm of ['l2', 'linf'] as const) {
      const same = within(inside, { norm, rho: 1, scale: Float32Array.from([1, 1]) });
      expect([...same]).toEqual([...inside]);
    }
  });
});

it('a rise that is not finite is refused', async () => {
  const { surface, dispose } = await quadratic(symmetric([3, 1]), [1, 1]);
  await expect(averageCaseSharpness(surface, { rho: 1e25 })).rejects.toMatchObject({ code: 'NON_FINITE' });
  await expect(worstCaseSharpness(surface, { rho: -1 })).rejects.toThrow(/rho: is out of range/);
  dispose();
});
