import { RandomStream } from '@flatmin/core';
import { afterEach, describe, expect, it } from '@jest/globals';
import type * as tf from '@tensorflow/tfjs-core';
import * as fc from 'fast-check';
import { constant, heNormal, normal, truncatedNormal, uniformOf, xavierUniform } from './initializers.js';
import { disposeAll, freshWeights, valuesOf } from './testing.fixture.js';

afterEach(disposeAll);

describe('Weights', () => {
  it('names variables after their place, in the order they are made, trained or not', () => {
    const weights = freshWeights(1, 'net');
    const kernel = weights.at('stage1').at('conv').trained('kernel', [2, 2], normal(1));
    weights.at('norm').statistic('moving_mean', [2], constant(3));
    expect(weights.all.map(({ name, trainable, shape, dtype }) => [name, trainable, shape, dtype])).toEqual([
      ['net/stage1/conv/kernel', true, [2, 2], 'float32'],
      ['net/norm/moving_mean', false, [2], 'float32'],
    ]);
    expect(weights.all[0]).toBe(kernel);
    expect(valuesOf(weights.all[1] as tf.Variable)).toEqual([3, 3]);
  });

  it('draw by place: neither order nor other models matter, another place or seed draws others', () => {
    const draw = (seed: number, paths: readonly string[]) => {
      const weights = freshWeights(seed, 'net');
      for (const path of paths) weights.at(path).trained('kernel', [4], normal(1));
      const values = Object.fromEntries(paths.map((path, i) => [path, valuesOf(weights.all[i] as tf.Variable)]));
      return { values, scope: weights.all[0]?.name.split('/')[0] };
    };
    const [first, second] = [draw(1, ['a', 'b']), draw(1, ['b', 'a'])];
    expect(first.values).toEqual(second.values);
    expect([first.scope, second.scope]).toEqual(['net', 'net_1']);
    expect(first.values['a']).not.toEqual(first.values['b']);
    expect(draw(2, ['a']).values['a']).not.toEqual(first.values['a']);
  });
});

describe('initializers', () => {
  const moments = (values: Float32Array) => {
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    return { mean, deviation: Math.sqrt(variance) };
  };

  it.each([
    ['normal', normal(0.5), 0.5],
    ['heNormal, sqrt(2 / 8)', heNormal(8), 0.5],
    // Uniform from -b to b has b / sqrt(3); b = 1 / sqrt(16).
    ['uniformOf', uniformOf(16), 0.25 / Math.sqrt(3)],
    // Uniform within +-sqrt(6 / (3 + 5)): that over sqrt 3.
    ['xavierUniform', xavierUniform(3, 5), 0.5],
    // The deviation of a standard normal within [-2, 2]: 1 - 4 phi(2) / (2 Phi(2) - 1) = 0.7737, whose root is 0.8796.
    ['truncatedNormal', truncatedNormal(0.5), 0.8796 * 0.5],
  ])('%s has the deviation of its formula', (_, initial, expected) => {
    const { mean, deviation } = moments(initial(new RandomStream(3), 40_000));
    // 40,000 numbers: the standard errors are 1/200 and 1/283 of the deviation.
    expect(Math.abs(mean)).toBeLessThan(expected / 40);
    expect(Math.abs(deviation / expected - 1)).toBeLessThan(0.02);
  });

  it('truncatedNormal stays within two deviations, and keeps what was there already', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 500 }), (seed, size) => {
        const stream = new RandomStream(seed);
        const values = truncatedNormal(0.02)(stream, size);
        const untouched = normal(0.02)(stream, size);
        const limit = Math.fround(0.04);
        expect(values.every((value) => Math.abs(value) <= limit)).toBe(true);
        untouched.forEach((value, i) => {
          if (Math.abs(value) <= limit) expect(values[i]).toBe(value);
        });
      }),
      { numRuns: 30 },
    );
  });
});
