import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { Kinks } from './kinks.js';

const functions: readonly [
  string,
  (x: tf.Tensor) => tf.Tensor,
  (x: number) => readonly [slope: number, offset: number],
][] = [
  ['relu', tf.relu, (x) => [x > 0 ? 1 : 0, 0]],
  ['relu6', tf.relu6, (x) => (x > 6 ? [0, 6] : [x > 0 ? 1 : 0, 0])],
  ['leakyRelu', (x) => tf.leakyRelu(x, 0.3), (x) => [x > 0 ? 1 : 0.3, 0]],
  ['abs', tf.abs, (x) => [Math.sign(x), 0]],
];

describe('held to its pieces', () => {
  const values = [-2, -0.5, 0.5, 5.5, 6.5];

  it.each(functions)('%s is the line that it was on, with its slope', (_, f, lineOf) => {
    const { numTensors } = tf.memory();
    const kinks = new Kinks();
    const [x, moved, dy] = [values, values.map((value) => value + 1), [1, 2, 3, 4, 5]].map((each) => tf.tensor1d(each));
    const noted = kinks.noted(() => f(x as tf.Tensor));
    expect([...noted.dataSync()]).toEqual(tf.tidy(() => [...f(x as tf.Tensor).dataSync()]));
    const held = kinks.held(() => tf.valueAndGrad((at) => f(at as tf.Tensor))(moved as tf.Tensor, dy as tf.Tensor));
    const lines = values.map(lineOf);
    lines.forEach(([slope, offset], i) => {
      expect(held.value.dataSync()[i]).toBeCloseTo(slope * ((values[i] as number) + 1) + offset, 5);
      expect(held.grad.dataSync()[i]).toBeCloseTo(slope * (i + 1), 5);
    });
    // Afterwards it is what it was.
    const plain = tf.valueAndGrad((at) => f(at as tf.Tensor))(moved as tf.Tensor, dy as tf.Tensor);
    expect(plain.value.dataSync()[1]).toBeCloseTo(0.5, 6);
    kinks.dispose();
    tf.dispose([x, moved, dy, noted, held, plain] as never);
    expect(tf.memory().numTensors).toBe(numTensors);
  });

  it('a pass that throws leaves kernels and gradients as they were', () => {
    const [kernel, gradient] = [tf.getKernel('Relu', tf.getBackend()), tf.getGradient('Relu')];
    const broken = (): never => {
      throw new Error('broken');
    };
    expect(() => new Kinks().held(broken)).toThrow('broken');
    expect(tf.getKernel('Relu', tf.getBackend())).toBe(kernel);
    expect(tf.getGradient('Relu')).toBe(gradient);
  });

  it('refuses a pass that is another one', () => {
    const kinks = new Kinks();
    tf.dispose(kinks.noted(() => tf.relu(tf.scalar(1))));
    expect(() => kinks.held(() => tf.relu(tf.zeros([2])))).toThrow(/another Relu near the weights than at them/);
    kinks.dispose();
  });
});
