import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';

const isNative = process.env['FLATMIN_BACKEND'] === undefined || process.env['FLATMIN_BACKEND'] === 'tensorflow';
const size = fc.integer({ min: 1, max: 5 });

/** Small whole numbers, whose products float32 holds exactly. */
const entries = (rows: number, columns: number, seed: number): number[][] =>
  Array.from({ length: rows }, (_, i) => Array.from({ length: columns }, (_, j) => ((seed + 7 * i + 3 * j) % 11) - 5));
const flip = (matrix: number[][]): number[][] => (matrix[0] ?? []).map((_, j) => matrix.map((row) => row[j] as number));

describe('matMul, as loadBackend leaves it', () => {
  it('gives the product of any two matrices, transposed or not, and its gradients', () => {
    fc.assert(
      fc.property(size, size, size, fc.boolean(), fc.boolean(), (n, k, m, transposeA, transposeB) => {
        const [a, b] = [entries(n, k, 1), entries(k, m, 4)];
        const expected = a.map((row) =>
          flip(b).map((column) => row.reduce((sum, x, i) => sum + x * (column[i] ?? 0), 0)),
        );
        tf.tidy(() => {
          const left = tf.tensor2d(transposeA ? flip(a) : a);
          const right = tf.tensor2d(transposeB ? flip(b) : b);
          // Plus 0: the sign of a zero is the processor's choice.
          expect(tf.add(tf.matMul(left, right, transposeA, transposeB), 0).arraySync()).toEqual(expected);
          // d sum(A B) / d A[i, l] = sum over j of B[l, j].
          const gradient = tf.grad((x) => tf.sum(tf.matMul(x, right, transposeA, transposeB)))(left);
          const sums = b.map((row) => row.reduce((sum, x) => sum + x, 0));
          const wanted = a.map(() => sums);
          expect(tf.add(gradient, 0).arraySync()).toEqual(transposeA ? flip(wanted) : wanted);
        });
      }),
      { numRuns: 40, seed: 1 },
    );
  });

  it('leaves batches of matrices to the original', () => {
    const a = tf.range(0, 12).reshape([2, 3, 2]);
    // First batch [[0, 1], [2, 3], [4, 5]]: a^T a = [[20, 26], [26, 35]].
    expect([...tf.matMul(a, a, true, false).dataSync()].slice(0, 4)).toEqual([20, 26, 26, 35]);
  });
});

describe('gather, as loadBackend leaves it', () => {
  it('takes rows and columns by index, in any order and type', () => {
    const x = tf.tensor2d([[1, 2], [3, 4], [5, 6]]); // prettier-ignore
    const rows = tf.tensor1d([2, 0, 2], 'int32');
    expect(tf.gather(x, rows).arraySync()).toEqual([[5, 6], [1, 2], [5, 6]]); // prettier-ignore
    expect(tf.gather(x, tf.tensor1d([1], 'int32'), 1).arraySync()).toEqual([[2], [4], [6]]);
    expect(tf.gather(tf.tensor1d([7, 8], 'int32'), tf.tensor1d([1, 0, 1], 'int32')).dataSync()).toEqual(
      Int32Array.from([8, 7, 8]),
    );
  });

  (isNative ? it : it.skip)('refuses an index out of range, without reading the others back', () => {
    const x = tf.tensor1d([1, 2, 3]);
    expect(() => tf.gather(x, tf.tensor1d([3], 'int32')).dataSync()).toThrow(/3 is not in \[0, 3\)/);
    const backend = tf.backend() as { readSync: (id: object) => unknown };
    const { readSync } = backend;
    const indices = tf.tensor1d([1, 2], 'int32');
    backend.readSync = () => {
      throw new Error('read back');
    };
    try {
      expect(tf.gather(x, indices).shape).toEqual([2]);
    } finally {
      backend.readSync = readSync;
    }
  });
});

(isNative ? describe : describe.skip)(
  'the gradient of a strided 1x1 convolution by its filter, as loadBackend leaves it',
  () => {
    it('sums what the filter read, and writes nowhere else', () => {
      const sides = fc.integer({ min: 1, max: 9 });
      fc.assert(
        fc.property(
          sides,
          sides,
          sides,
          sides,
          fc.constantFrom(2, 3),
          fc.constantFrom('same', 'valid'),
          (h, w, inputs, outputs, stride, pad) => {
            const [down, across] = [Math.ceil(h / stride), Math.ceil(w / stride)];
            const numbers = (size: number, seed: number) =>
              Array.from({ length: size }, (_, i) => ((seed + 7 * i) % 11) - 5);
            const [x, dy] = [numbers(h * w * inputs, 1), numbers(down * across * outputs, 3)];
            const wanted = Array.from({ length: inputs * outputs }, (_, k) => {
              const [i, o] = [Math.floor(k / outputs), k % outputs];
              let sum = 0;
              for (let p = 0; p < down * across; p++) {
                const at = Math.floor(p / across) * stride * w + (p % across) * stride;
                sum += (x[at * inputs + i] as number) * (dy[p * outputs + o] as number);
              }
              return sum;
            });
            tf.tidy(() => {
              const images = tf.tensor4d(x, [1, h, w, inputs]);
              const conv = (filter: tf.Tensor4D) => tf.conv2d(images, filter, stride, pad);
              const gradient = tf.grad(conv as (given: tf.Tensor) => tf.Tensor)(
                tf.ones([1, 1, inputs, outputs]),
                tf.tensor(dy, [1, down, across, outputs]),
              );
              expect([...gradient.dataSync()]).toEqual(wanted);
            });
          },
        ),
        { numRuns: 40, seed: 1 },
      );
    });

    it('leaves nothing to oneDNN that it does wrongly: a stride of 1 alone reaches it', async () => {
      const [x, dy] = [tf.ones<tf.Rank.R4>([8, 16, 16, 4]), tf.ones<tf.Rank.R4>([8, 8, 8, 8])];
      const strides: unknown[] = [];
      const backend = tf.backend() as unknown as { executeSingleOutput: (...given: unknown[]) => tf.Tensor };
      const { executeSingleOutput } = backend;
      backend.executeSingleOutput = (name, attributes, ...rest) => {
        const found = (attributes as { name: string; value: unknown }[]).find((each) => each.name === 'strides');
        if (name === 'Conv2DBackpropFilter') strides.push(found?.value);
        return executeSingleOutput.call(backend, name, attributes, ...rest);
      };
      const { numTensors } = tf.memory();
      try {
        const attributes = { strides: [2, 2], pad: 'same', dataFormat: 'NHWC', filterShape: [1, 1, 4, 8] };
        const gradient: tf.Tensor = tf.engine().runKernel('Conv2DBackpropFilter', { x, dy }, attributes);
        expect([...gradient.dataSync()]).toEqual(Array<number>(32).fill(8 * 64));
        expect(tf.memory().numTensors).toBe(numTensors + 1);
        tf.dispose([gradient, x, dy]);
      } finally {
        backend.executeSingleOutput = executeSingleOutput;
      }
      expect(strides).toEqual([[1, 1, 1, 1]]);
    });
  },
);

(isNative ? describe : describe.skip)('the gradient of a convolution by its input, as loadBackend leaves it', () => {
  it('is what each pixel meets of the filter, for one channel too', () => {
    const channels = fc.integer({ min: 1, max: 2 });
    const sides = fc.integer({ min: 3, max: 7 });
    fc.assert(
      fc.property(
        sides,
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 2 }),
        channels,
        channels,
        (side, size, stride, inputs, outputs) => {
          const steps = Math.floor((side - size) / stride) + 1;
          const numbers = (count: number, seed: number) =>
            Array.from({ length: count }, (_, i) => ((seed + 7 * i) % 11) - 5);
          const [filter, dy] = [numbers(size * inputs * outputs, 1), numbers(steps * outputs, 3)];
          const wanted = new Array<number>(side * inputs).fill(0);
          for (let step = 0; step < steps; step++) {
            for (let k = 0; k < size * inputs * outputs; k++) {
              const at = step * stride * inputs + Math.floor(k / outputs);
              (wanted[at] as number) += (filter[k] as number) * (dy[step * outputs + (k % outputs)] as number);
            }
          }
          tf.tidy(() => {
            const w = tf.tensor4d(filter, [1, size, inputs, outputs]);
            const conv = (x: tf.Tensor) => tf.conv2d(x as tf.Tensor4D, w, [1, stride], 'valid');
            const gradient = tf.grad(conv)(tf.ones([1, 1, side, inputs]), tf.tensor(dy, [1, 1, steps, outputs]));
            expect([...gradient.dataSync()]).toEqual(wanted);
          });
        },
      ),
      { numRuns: 60, seed: 1 },
    );
  });
});
