import { afterEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { captureFunction } from './captureFunction.js';
import { disposeAll, onNative, own } from './toy.fixture.js';

afterEach(disposeAll);
const values = (tensor: tf.Tensor | undefined): number[] => Array.from(tensor?.dataSync() ?? []);

(onNative ? describe : describe.skip)('captureFunction, on the native backend', () => {
  it('computes the function on other inputs, to the bit', () => {
    const compute = ([a, b]: readonly tf.Tensor[]) => [
      tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D, false, true),
      tf.sum(a!),
    ];
    const example = [own(tf.ones([2, 3])), own(tf.ones([4, 3]))];
    const captured = own(captureFunction(example, compute));
    const inputs = [own(tf.randomNormal([2, 3], 0, 1, 'float32', 1)), own(tf.randomNormal([4, 3], 0, 1, 'float32', 2))];
    const found = captured.run(inputs).map(own);
    const expected = tf.tidy(() => compute(inputs)).map(own);
    expect(found.map(({ shape }) => shape)).toEqual([[2, 4], []]);
    found.forEach((tensor, i) => expect(values(tensor)).toEqual(values(expected[i])));
  });

  it('takes gradients, casts, reshapes, several outputs of one op, and inputs handed through', () => {
    const compute = ([x]: readonly tf.Tensor[]) => {
      const gradient = tf.grad((a) => tf.sum(tf.tanh(tf.mul(a, a))))(x!);
      const [left, right] = tf.split(tf.reshape(gradient, [4]), 2) as [tf.Tensor, tf.Tensor];
      return [left, right, tf.cast(tf.greater(x!, 0), 'int32'), x!, tf.topk(x!, 1).indices];
    };
    const x = own(tf.tensor2d([[0.1, -0.2], [0.3, 0.4]])); // prettier-ignore
    const captured = own(captureFunction([x], compute));
    const expected = tf.tidy(() => compute([x]).map((tensor) => tensor.clone())).map(own);
    captured
      .run([x])
      .map(own)
      .forEach((tensor, i) => {
        expect(tensor.dtype).toBe(expected[i]?.dtype);
        expect(values(tensor)).toEqual(values(expected[i]));
      });
  });

  it('takes ops whose attributes tfjs-node leaves to TensorFlow', () => {
    const compute = ([x]: readonly tf.Tensor[]) => [tf.expandDims(tf.add(x!, 1), 1), tf.logicalNot(tf.greater(x!, 2))];
    const captured = own(captureFunction([own(tf.tensor1d([1, 2]))], compute));
    const [wide, low] = captured.run([own(tf.tensor1d([2, 3]))]).map(own);
    expect([wide?.shape, values(wide), values(low)]).toEqual([[2, 1], [3, 4], [1, 0]]); // prettier-ignore
  });

  it('follows data that assign moves', () => {
    const v = own(tf.variable(tf.scalar(0)));
    const compute = ([x]: readonly tf.Tensor[]) => {
      v.assign(tf.add(x!, 1));
      return [tf.mul(v, 2)];
    };
    const captured = own(captureFunction([own(tf.scalar(1))], compute));
    expect(values(captured.run([own(tf.scalar(10))]).map(own)[0])).toEqual([22]);
  });

  it('keeps constants of JavaScript', () => {
    const captured = own(captureFunction([own(tf.zeros([2]))], ([x]) => [tf.add(x!, tf.tensor1d([3, 4]))]));
    expect(values(captured.run([own(tf.ones([2]))]).map(own)[0])).toEqual([4, 5]);
  });

  it('refuses numbers that change, and says which op takes them', () => {
    let count = 0;
    const counting = ([x]: readonly tf.Tensor[]) => [tf.mul(x!, tf.scalar(++count))];
    expect(() => captureFunction([own(tf.ones([2]))], counting)).toThrow(
      /made in JavaScript, which Mul takes, has different values/,
    );
  });

  it('follows a value that it reads back, each way when it is first gone', () => {
    let runs = 0;
    const deciding = ([x]: readonly tf.Tensor[]) => {
      runs++;
      const doubled = tf.mul(x!, 2);
      return tf.greater(tf.sum(doubled), 0).dataSync()[0] === 1
        ? [tf.sqrt(doubled)]
        : [tf.neg(doubled), tf.abs(doubled)];
    };
    const captured = own(captureFunction([own(tf.tensor1d([2, 8]))], deciding));
    const run = (...numbers: number[]) =>
      captured
        .run([own(tf.tensor1d(numbers))])
        .map(own)
        .map(values);
    expect(run(8, 0)).toEqual([[4, 0]]);
    expect(runs).toBe(2);
    expect(run(-1, -2)).toEqual([[2, 4], [2, 4]]); // prettier-ignore
    expect(runs).toBe(4);
    expect(run(-3, 1)).toEqual([[6, -2], [6, 2]]); // prettier-ignore
    expect(run(0, 2)).toEqual([[0, 2]]);
    expect(runs).toBe(4);
  });

  it('takes inputs that share their data for different ones', () => {
    const x = own(tf.tensor1d([1, 2]));
    const captured = own(captureFunction([x, x], ([a, b]) => [tf.sub(a!, b!)]));
    expect(values(captured.run([own(tf.tensor1d([5, 5])), x]).map(own)[0])).toEqual([4, 3]);
  });

  it('refuses a read-back of more values than can decide anything', () => {
    const reading = ([x]: readonly tf.Tensor[]) => [tf.tensor1d([...tf.square(x!).dataSync()])];
    expect(() => captureFunction([own(tf.ones([9]))], reading)).toThrow(/9 values is read back/);
  });

  it('refuses what does other things each time', () => {
    let odd = false;
    const deciding = ([x]: readonly tf.Tensor[]) => {
      odd = !odd;
      return [odd ? tf.square(x!) : tf.neg(x!)];
    };
    expect(() => captureFunction([own(tf.ones([2]))], deciding)).toThrow(
      /something else each time.*op 0 is Square once and Neg then/s,
    );
  });

  it('leaves no tensors, no files, and the backend as it was', () => {
    const backend = tf.backend() as unknown as { executeSingleOutput: unknown; numDataIds(): number };
    const { executeSingleOutput } = backend;
    const folders = (): string[] =>
      readdirSync(tmpdir()).filter((name) => name.startsWith(`flatmin-graph-${process.pid}-`));
    const [files, x] = [folders(), own(tf.ones([3]))];
    const before = [tf.memory().numTensors, backend.numDataIds()];
    const captured = captureFunction([x], ([a]) => [tf.square(tf.add(a!, 1))]);
    for (let i = 0; i < 100; i++) tf.dispose(captured.run([x]));
    captured.dispose();
    captured.dispose();
    expect([tf.memory().numTensors, backend.numDataIds()]).toEqual(before);
    expect(backend.executeSingleOutput).toBe(executeSingleOutput);
    expect(folders()).toEqual(files);
  });
});

(onNative ? it.skip : it)('needs the native backend, and says so', () => {
  expect(() => captureFunction([own(tf.ones([1]))], ([x]) => [x!])).toThrow(/native backend.*loadBackend/s);
});
