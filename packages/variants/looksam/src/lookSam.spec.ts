import { Bowl } from '@flatmin/conformance';
import { asam } from '@flatmin/asam';
import { bsam } from '@flatmin/bsam';
import type { SharpnessAwareOptimizer } from '@flatmin/core';
import { dot, norm } from '@flatmin/core/plugin';
import { rst } from '@flatmin/rst';
import { sam } from '@flatmin/sam';
import { wsam } from '@flatmin/wsam';
import { afterEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { orthogonalPart } from './lookSam.js';
import { looksam } from './plugin.js';

const { own, loss: bowl, dispose } = new Bowl();
afterEach(dispose);
const values = (tensor: tf.Tensor): number[] => Array.from(tensor.dataSync());
const sgd = { use: 'sgd', learningRate: 0.1 };

interface Taken {
  readonly branch: string;
  readonly weights: number[];
}

/** Steps from the kernel (3, 2). */
function run(optimizer: SharpnessAwareOptimizer, steps: number): Taken[] {
  const w = tf.variable(tf.tensor2d([[3, 2]]));
  const taken = Array.from({ length: steps }, () => {
    optimizer.minimize(bowl(w), false, [w]);
    return { branch: String(optimizer.lastStep.branch), weights: values(w) };
  });
  w.dispose();
  optimizer.dispose();
  return taken;
}
const branches = (taken: readonly Taken[]): string[] => taken.map(({ branch }) => branch);

/** In thousandths: squares of float32 vanish below 1e-19. */
const gradient = fc
  .array(fc.integer({ min: -5000, max: 5000 }), { minLength: 6, maxLength: 6 })
  .map((numbers) => numbers.map((each) => each / 1000));
const twoTensors = (numbers: number[]): tf.Tensor[] => [
  tf.tensor1d(numbers.slice(0, 2)),
  tf.tensor1d(numbers.slice(2)),
];

describe('looksam', () => {
  it('takes and reuses the component worked out by hand', () => {
    // g = (3, 4), ghat = (3.3, 4.8): <g, ghat> / 25 = 1.164, gv = (3.3 - 3.492, 4.8 - 4.656) = (-0.192, 0.144), of
    // length 0.24 and direction (-0.8, 0.6). SGD leaves (2.67, 1.52), where g = (2.67, 3.04), to which 0.7 ||g|| of it
    // is added.
    const [refresh, reuse] = run(looksam(sam({ rho: 0.5, base: sgd }), { k: 2, alpha: 0.7 }), 2) as [Taken, Taken];
    const length = 0.7 * Math.hypot(2.67, 3.04);
    expect(refresh.weights).toEqual([expect.closeTo(2.67, 5), expect.closeTo(1.52, 5)]);
    expect(reuse.weights).toEqual([
      expect.closeTo(2.67 - 0.1 * (2.67 - 0.8 * length), 5),
      expect.closeTo(1.52 - 0.1 * (3.04 + 0.6 * length), 5),
    ]);
  });

  it('stores what is orthogonal to the clean gradient, over all weights or per tensor', () => {
    fc.assert(
      fc.property(gradient, gradient, (first, second) => {
        tf.tidy(() => {
          const [g, ghat] = [twoTensors(first), twoTensors(second)];
          const bound = 1e-4 * (1 + (norm(g).dataSync()[0] as number) * (norm(ghat).dataSync()[0] as number));
          const gv = orthogonalPart(ghat, g);
          expect(Math.abs(dot(g, gv).dataSync()[0] as number)).toBeLessThan(bound);
          // And gv is ghat less a multiple of g: of all such it is the shortest.
          expect(norm(gv).dataSync()[0]).toBeLessThanOrEqual((norm(ghat).dataSync()[0] as number) + 1e-4);
          orthogonalPart(ghat, g, true).forEach((part, i) => {
            expect(Math.abs(dot([g[i]!], [part]).dataSync()[0] as number)).toBeLessThan(bound);
          });
        });
      }),
      { numRuns: 50, seed: 5 },
    );
  });

  it('stores exactly nothing where the two gradients are parallel', () => {
    fc.assert(
      fc.property(gradient, fc.double({ min: 0.1, max: 10, noNaN: true }), (numbers, factor) => {
        tf.tidy(() => {
          const g = twoTensors(numbers);
          const ghat = g.map((tensor) => tf.mul(tensor, factor));
          expect(orthogonalPart(ghat, g).flatMap((part) => values(part).map(Math.abs))).toEqual([0, 0, 0, 0, 0, 0]);
        });
      }),
      { numRuns: 50, seed: 6 },
    );
  });

  it('adds a component of length alpha ||g|| at a right angle, whatever the lengths', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.01, max: 3, noNaN: true }),
        fc.double({ min: 0, max: 2, noNaN: true }),
        (rho, alpha) => {
          const [at, next] = run(looksam(sam({ rho, base: sgd }), { k: 2, alpha }), 2) as [Taken, Taken];
          const [w1, w2] = at.weights as [number, number];
          const g = [w1, 2 * w2];
          const added = next.weights.map((weight, i) => ((at.weights[i] as number) - weight) / 0.1 - (g[i] as number));
          expect(Math.hypot(...added)).toBeCloseTo(alpha * Math.hypot(...g), 3);
        },
      ),
      { numRuns: 25, seed: 7 },
    );
  });

  it('refreshes on multiples of k, whatever variant is inside', () => {
    for (const inner of [sam({ base: sgd }), asam({ base: sgd })]) {
      expect(branches(run(looksam(inner, { k: 3 }), 7))).toEqual([
        ...['sam', 'reuse', 'reuse', 'sam', 'reuse', 'reuse', 'sam'],
      ]);
    }
  });

  it('reuses where a gate inside does not perturb, and is the base until something is stored', () => {
    const inner = rst(sam({ rho: 0.5, base: sgd }), { coins: [0, 0, 1, 0] });
    const taken = run(looksam(inner, { k: 2 }), 8);
    // Steps 0 to 2 ask, because nothing is stored; then the even ones do: step 4 and 6 of the coins 0 and 1.
    expect(branches(taken)).toEqual(['base', 'base', 'sam', 'reuse', 'reuse', 'reuse', 'sam', 'reuse']);
    const plain = run(rst(sam({ base: sgd }), { p: 0 }), 2);
    expect(taken[1]?.weights).toEqual(plain[1]?.weights);
  });

  it('starts with a refresh inside another gate, at whatever step that lets it in', () => {
    const inner = looksam(sam({ rho: 0.5, base: sgd }), { k: 4 });
    expect(branches(run(rst(inner, { coins: [0, 1, 1, 1, 1] }), 5))).toEqual(['base', 'sam', 'reuse', 'reuse', 'sam']);
  });

  it('case 7: reuses what a variant does beside its base there, as worked out by hand', () => {
    // As above, with a = 3: 3 ghat - 2 g = (3.9, 6.4) moves the weights to (2.61, 1.36), where g = (2.61, 2.72); the
    // component is three times as long and has the same direction.
    const inside = { rho: 0.5, gamma: 0.75, base: sgd };
    const taken = run(looksam(wsam(inside), { k: 2, alpha: 0.7 }), 2);
    const length = 0.7 * Math.hypot(2.61, 2.72);
    expect(branches(taken)).toEqual(['sam', 'reuse']);
    expect(taken[0]?.weights).toEqual([expect.closeTo(2.61, 5), expect.closeTo(1.36, 5)]);
    expect(taken[1]?.weights).toEqual([
      expect.closeTo(2.61 - 0.1 * (2.61 - 0.8 * length), 5),
      expect.closeTo(1.36 - 0.1 * (2.72 + 0.6 * length), 5),
    ]);
    // Under plain SGD it makes no difference where the term is added; under momentum it does, from the second step on.
    const coupled = wsam({ ...inside, decouple: false });
    expect(run(looksam(coupled, { k: 2, alpha: 0.7 }), 2)[1]?.weights).toEqual(
      taken[1]?.weights.map((value) => expect.closeTo(value, 5)),
    );
    const momentum = { use: 'momentum', learningRate: 0.1, momentum: 0.9 };
    const heavy = run(looksam(wsam({ ...inside, base: momentum }), { k: 2, alpha: 0.7 }), 2)[1]?.weights as number[];
    // The base's own steps are g_0 and 0.9 g_0 + g_1.
    expect(heavy[0]).toBeCloseTo(2.61 - 0.1 * (0.9 * 3 + 2.61 - 0.8 * length), 5);
  });

  it('case 7: refuses by name what gives the base no gradient, before anything moves', () => {
    const w = own(tf.variable(tf.tensor1d([3, 2])));
    const optimizer = own(looksam(bsam({ N: 1e6, base: sgd }), { k: 2 }));
    expect(() => optimizer.minimize(bowl(w), false, [w])).toThrow(
      /looksam works on the gradient.*bsam gives it none.*Wrap/s,
    );
    expect(values(w)).toEqual([3, 2]);
  });

  it.each([
    [{ k: 0 }, /k:.*got 0/s],
    [{ alpha: -1 }, /alpha.*got -1/s],
    [{ layerwise: 1 }, /layerwise/],
  ])('refuses %o', (options, message) => {
    const inner = own(sam({ base: sgd }));
    expect(() => looksam(inner, options as Parameters<typeof looksam>[1])).toThrow(message);
  });
});
