import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { halfSumOfSquares, portableHalfSumOfSquares } from './nativeOps.js';
import { valuesOf } from '../toys.fixture.js';
import {
  add,
  axpy,
  dot,
  mean,
  mul,
  norm,
  normalize,
  normEpsilon,
  normRatio,
  ofLength,
  projectOut,
  projectOutDerivative,
  scale,
  squaredNorm,
  sub,
  weightedSum,
  zerosLike,
} from './weightVector.js';

/** Kernels run by `work`, the native backend's direct ops counted too. */
async function opsOf(work: () => tf.TensorContainer): Promise<number> {
  const backend = tf.backend() as unknown as { executeSingleOutput?: (...all: unknown[]) => unknown };
  let ops = 0;
  const kernels = (await tf.profile(() => tf.tidy(work))).kernels;
  ops += kernels.filter(({ name }) => name !== 'Identity').length;
  if (backend.executeSingleOutput === undefined) return ops;
  return ops + tf.tidy(() => countDirect(backend as Required<typeof backend>, work));
}

/** L2Loss calls, which go past the kernels that `tf.profile` sees. */
function countDirect(backend: { executeSingleOutput: (...all: unknown[]) => unknown }, work: () => unknown): number {
  const original = backend.executeSingleOutput;
  let count = 0;
  backend.executeSingleOutput = function (this: unknown, ...all: unknown[]) {
    if (all[0] === 'L2Loss') count++;
    return original.apply(this, all);
  };
  try {
    work();
  } finally {
    backend.executeSingleOutput = original;
  }
  return count;
}

const isNative = (): boolean => 'executeSingleOutput' in tf.backend();

describe('weight vectors', () => {
  let a: tf.Tensor[];
  let b: tf.Tensor[];
  beforeEach(() => {
    a = [tf.tensor1d([3, 0]), tf.scalar(4)]; // norm 5
    b = [tf.tensor1d([1, 2]), tf.scalar(-2)]; // norm 3
  });
  afterEach(() => tf.dispose([...a, ...b]));

  it('has the sums that one long vector has', () => {
    expect(squaredNorm(a).dataSync()[0]).toBeCloseTo(25, 5);
    expect(norm(a).dataSync()[0]).toBeCloseTo(5, 6);
    expect(norm(b).dataSync()[0]).toBeCloseTo(3, 6);
    expect(dot(a, b).dataSync()[0]).toBeCloseTo(3 * 1 + 0 * 2 + 4 * -2, 6);
    expect(dot(a, a).dataSync()[0]).toBeCloseTo(25, 5);
    expect(normRatio(a, b).dataSync()[0]).toBeCloseTo(5 / 3, 6);
  });

  it('works element by element', () => {
    expect(valuesOf(add(a, b))).toEqual([[4, 2], [2]]);
    expect(valuesOf(sub(a, b))).toEqual([[2, -2], [6]]);
    expect(valuesOf(mul(a, b))).toEqual([[3, 0], [-8]]);
    expect(valuesOf(scale(a, 2))).toEqual([[6, 0], [8]]);
    expect(valuesOf(scale(a, tf.scalar(-0.5)))).toEqual([[-1.5, -0], [-2]]);
    expect(valuesOf(axpy(2, a, b))).toEqual([[7, 2], [6]]);
    expect(valuesOf(axpy(tf.scalar(-1), a, b))).toEqual([[-2, 2], [-6]]);
    expect(valuesOf(weightedSum(2, a, tf.scalar(-1), b))).toEqual([[5, -2], [10]]);
    expect(valuesOf(mean([a, b], [0.25, 0.75]))).toEqual([[1.5, 1.5], [-0.5]]);
    expect(mean([a], [1])).toBe(a);
    expect(valuesOf(zerosLike(a))).toEqual([[0, 0], [0]]);
  });

  it('holds no temporary copy of a vector when it is done', () => {
    tf.tidy(() => {
      const s = tf.scalar(2);
      const { numTensors } = tf.memory();
      expect([...axpy(s, a, b), ...weightedSum(s, a, s, b)]).toHaveLength(4);
      expect(tf.memory().numTensors - numTensors).toBe(4);
      // The dot product of two tensors, and their sum.
      dot(a, b);
      expect(tf.memory().numTensors - numTensors).toBe(7);
    });
  });

  it('normalizes by the global norm, with a zero direction for a zero vector', () => {
    const [first, second] = valuesOf(normalize(a));
    expect(first?.[0]).toBeCloseTo(0.6, 6);
    expect(second?.[0]).toBeCloseTo(0.8, 6);
    expect(normEpsilon).toBe(1e-12);
    expect(valuesOf(normalize([tf.zeros([2]), tf.scalar(0)]))).toEqual([[0, 0], [0]]);
    // A gradient as short as 1e-6 still has a direction: a larger epsilon would shorten it.
    expect(valuesOf(normalize([tf.scalar(1e-6)]))[0]?.[0]).toBeCloseTo(1, 5);
    expect(valuesOf(normalize(a, tf.scalar(10)))[1]?.[0]).toBeCloseTo(0.4, 6);
  });

  it('gives a vector a length', () => {
    expect(valuesOf(ofLength(a, tf.scalar(10)))).toEqual([[6, 0], [8]]);
    expect(valuesOf(ofLength([tf.zeros([2]), tf.scalar(0)], tf.scalar(10)))).toEqual([[0, 0], [0]]);
  });

  it('refuses vectors of different lengths', () => {
    expect(() => add(a, b.slice(1))).toThrow(/different lengths/);
  });

  it('differentiates what projectOut leaves, by a finite difference', () => {
    const at = (t: number): tf.Tensor[][] => [[tf.tensor1d([1 + 2 * t, 3 - t])], [tf.tensor1d([2 - t, 1 + 3 * t])]];
    const [vector, along] = at(0) as [tf.Tensor[], tf.Tensor[]];
    const rest = (t: number, moves = true): number[] => {
      const [v, w] = at(t) as [tf.Tensor[], tf.Tensor[]];
      return valuesOf(projectOut(moves ? v : vector, w).rest).flat();
    };
    const difference = (moves: boolean): number[] =>
      rest(0.01, moves).map((ahead, i) => (ahead - (rest(-0.01, moves)[i] as number)) / 0.02);
    const change = { vector: [tf.tensor1d([2, -1])], along: [tf.tensor1d([-1, 3])] };
    const both = valuesOf(projectOutDerivative({ vector, along }, change)).flat();
    const one = valuesOf(projectOutDerivative({ vector, along }, { along: change.along })).flat();
    // s = 1, of which 0.2 (2 + 1) of d vector, 0.2 (-1 + 9) and -2 * 0.2 (-2 + 3) of d along: ds = 1.8. Of d vector - s
    // d along - ds along.
    expect(both).toEqual([expect.closeTo(2 + 1 - 2 * 1.8, 5), expect.closeTo(-1 - 3 - 1.8, 5)]);
    both.forEach((value, i) => expect(value).toBeCloseTo(difference(true)[i] as number, 2));
    one.forEach((value, i) => expect(value).toBeCloseTo(difference(false)[i] as number, 2));
  });

  it('runs as many ops as it says', async () => {
    const n = 3;
    const x = Array.from({ length: n }, () => tf.ones([4]));
    const y = Array.from({ length: n }, () => tf.ones([4]));
    const s = tf.scalar(2);
    expect(await opsOf(() => [dot(x, y)])).toBe(2 * n + 1);
    expect(await opsOf(() => [...scale(x, s)])).toBe(n);
    expect(await opsOf(() => [...add(x, y)])).toBe(n);
    expect(await opsOf(() => [...axpy(s, x, y)])).toBe(2 * n);
    expect(await opsOf(() => [...weightedSum(s, x, s, y)])).toBe(3 * n);
    const half = isNative() ? 1 : 3; // L2Loss, or square, sum and times 1/2.
    expect(await opsOf(() => [squaredNorm(x)])).toBe(half * n + 2);
    expect(await opsOf(() => [norm(x)])).toBe(half * n + 3);
    const length = tf.scalar(2);
    expect(await opsOf(() => [...normalize(x, length)])).toBe(n + 2);
  });

  it('has the same half sum of squares in its native and its portable form, for every dtype', () => {
    for (const tensor of [tf.tensor1d([1, -2, 3]), tf.scalar(0.5), tf.tensor1d([1, 2], 'int32'), tf.zeros([0])]) {
      const expected = Array.from(tf.cast(tensor, 'float32').dataSync()).reduce((sum, x) => sum + (x * x) / 2, 0);
      expect(halfSumOfSquares(tensor).dataSync()[0]).toBeCloseTo(expected, 6);
      expect(portableHalfSumOfSquares(tensor).dataSync()[0]).toBeCloseTo(expected, 6);
    }
  });
});

describe('weight vectors, whatever their values', () => {
  const value = fc.float({ min: -100, max: 100, noNaN: true });
  const vector = fc.tuple(fc.array(value, { minLength: 3, maxLength: 3 }), value);
  const toTensors = ([list, single]: [number[], number]): tf.Tensor[] => [tf.tensor1d(list), tf.scalar(single)];
  const flat = ([list, single]: [number[], number]): number[] => [...list, single];
  const holds = (property: (x: [number[], number], y: [number[], number]) => void): void =>
    fc.assert(
      fc.property(vector, vector, (x, y) => {
        tf.engine().startScope();
        try {
          property(x, y);
        } finally {
          tf.engine().endScope();
        }
      }),
      { numRuns: 60 },
    );
  const tolerance = (size: number): number => 1e-5 * (1 + size);

  it('dot is that of the numbers, and symmetric', () => {
    holds((x, y) => {
      const exact = flat(x).reduce((sum, xi, i) => sum + xi * (flat(y)[i] as number), 0);
      const size = flat(x).reduce((sum, xi, i) => sum + Math.abs(xi * (flat(y)[i] as number)), 0);
      const got = dot(toTensors(x), toTensors(y)).dataSync()[0] as number;
      expect(Math.abs(got - exact)).toBeLessThan(tolerance(size));
      expect(dot(toTensors(y), toTensors(x)).dataSync()[0]).toBe(got);
    });
  });

  it('norm is that of the numbers, and scales', () => {
    holds((x) => {
      const exact = Math.hypot(...flat(x));
      const got = norm(toTensors(x)).dataSync()[0] as number;
      expect(Math.abs(got - exact)).toBeLessThan(tolerance(exact));
      expect(Math.abs((norm(scale(toTensors(x), -3)).dataSync()[0] as number) - 3 * got)).toBeLessThan(
        tolerance(3 * got),
      );
    });
  });

  it('axpy is scale and add, and add has the inverse sub', () => {
    holds((x, y) => {
      const [tx, ty] = [toTensors(x), toTensors(y)];
      expect(valuesOf(axpy(2.5, tx, ty))).toEqual(valuesOf(add(scale(tx, 2.5), ty)));
      const back = valuesOf(sub(add(tx, ty), ty)).flat();
      back.forEach((got, i) => expect(Math.abs(got - (flat(x)[i] as number))).toBeLessThan(tolerance(200)));
    });
  });

  it('normalize gives length 1 or, for the zero vector, 0', () => {
    holds((x) => {
      const length = norm(normalize(toTensors(x))).dataSync()[0] as number;
      const original = Math.hypot(...flat(x));
      if (original === 0) expect(length).toBe(0);
      else if (original > 1e-6) expect(length).toBeCloseTo(1, 5);
    });
  });
});
