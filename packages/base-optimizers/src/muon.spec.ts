import { type BaseOptimizer, describeParameters, type ParameterRoles } from '@flatmin/core/plugin';
import { afterEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { muonPlugin } from './index.js';
import { orthogonalized } from './muon.js';

const made: { dispose(): void }[] = [];
afterEach(() => made.splice(0).forEach((each) => each.dispose()));
const own = <T extends { dispose(): void }>(each: T): T => (made.push(each), each);

const baseOf = (options: object = {}): BaseOptimizer =>
  own(muonPlugin.create(muonPlugin.options.parse(options), undefined));
let names = 0;
const variableOf = (value: tf.Tensor, name = 'kernel'): tf.Variable => own(tf.variable(own(value), true, `m${names++}/${name}`)); // prettier-ignore
const valuesOf = (tensor: tf.Tensor): number[] => [...tensor.dataSync()];
function step(
  base: BaseOptimizer,
  variables: readonly tf.Variable[],
  gradients: readonly (tf.Tensor | undefined)[],
  roles: ParameterRoles = {},
): void {
  // prettier-ignore
  base.apply(variables, gradients, describeParameters(variables, roles));
}

/** The polynomial of one iteration, of a number. */
const polynomial = (x: number): number => 3.4445 * x - 4.775 * x ** 3 + 2.0315 * x ** 5;
const iterated = (x: number, steps: number): number => (steps === 0 ? x : iterated(polynomial(x), steps - 1));

const matrix = (rows: number, columns: number, values: readonly number[]): tf.Tensor2D =>
  own(tf.tensor2d(values.slice(0, rows * columns), [rows, columns]));
const closeTo = (actual: tf.Tensor, expected: tf.Tensor | number[], digits = 4): void => {
  const wanted = Array.isArray(expected) ? expected : valuesOf(expected);
  valuesOf(actual).forEach((value, i) => expect(value).toBeCloseTo(wanted[i] as number, digits));
};

const entries = fc.array(fc.integer({ min: -20, max: 20 }), { minLength: 12, maxLength: 12 }).filter((all) => all.some((x) => x !== 0)); // prettier-ignore

describe('Newton-Schulz', () => {
  it('is the polynomial of each singular value, by hand on a diagonal', () => {
    // 3 and 4 over their norm 5.
    for (const steps of [1, 2, 5]) {
      const x = own(orthogonalized(matrix(2, 2, [3, 0, 0, 4]), steps));
      closeTo(x, [iterated(0.6, steps), 0, 0, iterated(0.8, steps)]);
    }
    expect(polynomial(0.6)).toBeCloseTo(2.0667 - 1.0314 + 0.15797, 4);
  });

  it('brings singular values that are not tiny into [0.68, 1.14] in five steps', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.02, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 6.3, noNaN: true }),
        (s, angle) => {
          // A rotation times a diagonal of 1 and s; X X^T has the squares of the singular values as eigenvalues.
          const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
          const [p, q, r, t] = valuesOf(own(orthogonalized(matrix(2, 2, [cos, -sin * s, sin, cos * s]), 5))) as [number, number, number, number]; // prettier-ignore
          const [trace, determinant] = [p * p + q * q + r * r + t * t, (p * t - q * r) ** 2];
          const root = Math.sqrt(Math.max(0, trace ** 2 / 4 - determinant));
          for (const value of [trace / 2 - root, trace / 2 + root]) {
            expect(Math.sqrt(value)).toBeGreaterThan(0.68);
            expect(Math.sqrt(value)).toBeLessThan(1.14);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('turns with its matrix: Q X for Q M, and the transpose for the transpose', () => {
    fc.assert(
      fc.property(
        entries,
        fc.constantFrom([3, 4], [4, 3], [2, 6]),
        fc.double({ min: 0, max: 6.3, noNaN: true }),
        (values, [rows, columns], angle) => {
          // prettier-ignore
          const m = matrix(rows as number, columns as number, values);
          const turn = tf.tidy(() => {
            const eye = valuesOf(tf.eye(rows as number));
            const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
            [eye[0], eye[1], eye[rows as number], eye[(rows as number) + 1]] = [cos, -sin, sin, cos];
            return tf.tensor2d(eye, [rows as number, rows as number]);
          });
          own(turn);
          const x = own(orthogonalized(m, 3));
          closeTo(own(orthogonalized(own(tf.matMul(turn, m)), 3)), own(tf.matMul(turn, x)), 3);
          closeTo(own(orthogonalized(own(tf.transpose(m)), 3)), own(tf.transpose(x)), 3);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('leaves a matrix of zeros', () => {
    expect(valuesOf(own(orthogonalized(matrix(2, 2, [0, 0, 0, 0]), 5)))).toEqual([0, 0, 0, 0]);
  });
});

describe('muon', () => {
  it('steps by hand: momentum, decay, and the root of out over in', () => {
    // in 1, out 4: s = 2. g = (2, 0, 0, 0), a fifth of it in B; the singular value of U is its norm, so X = p(1) e.
    const w = variableOf(tf.ones([1, 4]));
    const g = own(tf.tensor2d([[2, 0, 0, 0]]));
    const base = baseOf({ learningRate: 0.1, momentum: 0.8, steps: 1, weightDecay: 0.5 });
    step(base, [w], [g]);
    const p = polynomial(1);
    closeTo(w, [0.95 - 0.2 * p, 0.95, 0.95, 0.95], 5);
    expect(valuesOf([...base.owned()][0] as tf.Tensor)[0]).toBeCloseTo(0.4, 6);
    // A second gradient, along the second weight: B = (0.32, 0.4), U = (0.256, 0.2 2 + 0.8 0.4) and B without Nesterov.
    for (const [nesterov, u] of [
      [true, [0.256, 0.72]],
      [false, [0.32, 0.4]],
    ] as const) {
      // prettier-ignore
      const other = variableOf(tf.ones([1, 4]));
      const fresh = baseOf({ learningRate: 0.1, momentum: 0.8, steps: 1, nesterov });
      step(fresh, [other], [g]);
      const before = valuesOf(other);
      step(fresh, [other], [own(tf.tensor2d([[0, 2, 0, 0]]))]);
      const norm = Math.hypot(...u);
      closeTo(other, before.map((value, i) => value - 0.2 * p * ((u[i] ?? 0) / norm)), 5); // prettier-ignore
    }
  });

  it('takes a kernel that is taller than wide at the scale 1', () => {
    const w = variableOf(tf.zeros([4, 1]));
    step(baseOf({ learningRate: 0.1, steps: 1 }), [w], [own(tf.tensor2d([1, 0, 0, 0], [4, 1]))]);
    closeTo(w, [-0.1 * polynomial(1), 0, 0, 0], 5);
  });

  it('takes a convolution as the matrix of its places and inputs by its outputs', () => {
    const values = Array.from({ length: 2 * 3 * 2 * 5 }, (_, i) => Math.sin(i + 1));
    const [conv, flat] = [variableOf(tf.zeros([2, 3, 2, 5])), variableOf(tf.zeros([12, 5]))];
    step(baseOf(), [conv], [own(tf.tensor(values, [2, 3, 2, 5]))]);
    step(baseOf(), [flat], [own(tf.tensor(values, [12, 5]))]);
    expect(valuesOf(conv)).toEqual(valuesOf(flat));
    expect(valuesOf(flat)).not.toEqual(valuesOf(own(tf.zeros([12, 5]))));
  });

  it('leaves to AdamW, at a rate of its own, what is no matrix by rank, role or name', () => {
    const shape: [number, number] = [2, 2];
    const all = ['kernel', 'embeddings', 'head/kernel', 'head/kernel_1', 'depthwise_kernel', 'gamma'].map((name) =>
      variableOf(name === 'depthwise_kernel' ? tf.zeros([1, 1, ...shape]) : tf.zeros(shape), name),
    );
    const bias = variableOf(tf.zeros([2]), 'bias');
    const base = baseOf({ learningRate: 0.5, exclude: ['*/head/kernel'], adamw: { learningRate: 0.01 } });
    const [g, last] = [own(tf.tensor2d([3, 1, 1, 2], shape)), own(tf.tensor1d([1, -2]))];
    step(base, [...all, bias], [...all.map(({ shape: each }) => own(tf.reshape(g, each))), last]);
    const moved = [...all, bias].map((variable) => valuesOf(variable).map((value) => Math.abs(value) > 0.0101));
    expect(moved.map((each) => each.some(Boolean))).toEqual([true, false, false, false, false, false, false]);
    closeTo(bias, [-0.01, 0.01], 6);
    base.learningRate = 0.25;
    step(base, [...all, bias], [...all.map(() => undefined), last]);
    closeTo(bias, [-0.015, 0.015], 6); // Half the rate, for both halves.
    expect([base.learningRate, base.option('learningRate'), base.option('momentum'), base.slot('B')]).toEqual([
      0.25,
      0.25,
      undefined,
      undefined,
    ]);
  });

  it('refuses to exclude what no kernel is called, before anything changes', () => {
    const w = variableOf(tf.zeros([2, 2]));
    const g = own(tf.ones([2, 2]));
    expect(() => step(baseOf({ exclude: ['*/kernels'] }), [w], [g])).toThrow(
      /exclude of muon has "\*\/kernels".*m\d+\/kernel/,
    );
    expect(() => step(baseOf({ exclude: ['m.*'] }), [w], [g])).toThrow(/no kernel has such a name/);
    expect(valuesOf(w)).toEqual([0, 0, 0, 0]);
  });

  it('goes on from what it saved, to the bit, and refuses other roles and other memories', async () => {
    const start = (): tf.Variable[] => [
      variableOf(tf.ones([2])),
      variableOf(tf.ones([2, 2])),
      variableOf(tf.ones([3])),
    ];
    const gradients = [1, 2, 3].map((t) => [[2], [2, 2], [3]].map((shape, i) => own(tf.tensor(Array.from({ length: tf.util.sizeFromShape(shape) }, (_, j) => Math.sin(t + i + j)), shape)))); // prettier-ignore
    const [whole, first, second] = [baseOf(), baseOf(), baseOf()];
    const [a, b] = [start(), start()];
    for (const each of gradients) step(whole, a, each);
    for (const each of gradients.slice(0, 2)) step(first, b, each);
    const saved = await first.save();
    expect(saved.slots['B']?.map(({ shape }) => shape)).toEqual([[], [2, 2], []]);
    await second.restore(saved, b);
    step(second, b, gradients[2] as tf.Tensor[]);
    expect(b.map(valuesOf)).toEqual(a.map(valuesOf));
    const before = b.map(valuesOf);
    const [, kernel] = b as [tf.Variable, tf.Variable, tf.Variable];
    expect(() => step(second, b, gradients[2] as tf.Tensor[], { [kernel.name]: 'embedding' })).toThrow(/another role/);
    expect(b.map(valuesOf)).toEqual(before);
    expect(() => second.restore({ slots: { momentum: [kernel] }, scalars: {} }, [kernel])).toThrow(
      /remembers momentum, and muon with these options B, m, v, steps/,
    );
    // Of one half alone, either.
    for (const only of [[kernel], [b[0] as tf.Variable]]) {
      const [one, other] = [baseOf(), baseOf()];
      step(one, only, [gradients[0]?.[only[0] === kernel ? 1 : 0]]);
      await other.restore(await one.save(), only);
      expect([...other.owned()].map(valuesOf)).toEqual([...one.owned()].map(valuesOf));
    }
  });

  // A norm is one op on the native backend, and four elsewhere.
  const besides = [undefined, 'tensorflow'].includes(process.env['FLATMIN_BACKEND']) ? 13 : 16;

  it.each([
    [3, 4],
    [4, 1],
  ] as const)('takes 8 operations an iteration for a matrix, and 13 besides: %i x %i', async (rows, columns) => {
    // prettier-ignore
    const count = async (options: object): Promise<number> => {
      const w = variableOf(tf.ones([rows, columns]));
      const base = baseOf(options);
      const g = own(tf.ones([rows, columns]));
      step(base, [w], [g]);
      return (await tf.profile(() => step(base, [w], [g]))).kernels.length;
    };
    const one = await count({ steps: 1 });
    expect((await count({ steps: 2 })) - one).toBe(8);
    expect(one - 8).toBe(besides);
    expect((await count({ steps: 1, weightDecay: 0.1 })) - one).toBe(1);
  });
});
