import { afterEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { optimizerOf, owner, thrownBy, toySam, valuesOf } from '../toys.fixture.js';
import { spectralScale, spread } from './layerScales.js';
import { halfSumOfSquares } from '../tensors/nativeOps.js';
import type { ParameterRole } from './parameters.js';
import type { SharpnessVariant } from './variant.js';

const own = owner(afterEach);
let count = 0;
const variableOf = (shape: number[], value: number, name: string): tf.Variable =>
  own(tf.tidy(() => tf.variable(tf.fill(shape, value), true, `s${count++}/${name}`)));

/** 1/2 |kernel|^2 + |bias|^2, from ones and threes. */
function problem() {
  const [kernel, bias] = [variableOf([4, 1], 1, 'kernel'), variableOf([4], 3, 'bias')];
  const loss = (): tf.Scalar =>
    tf.tidy(() => tf.add(tf.mul(0.5, tf.sum<tf.Scalar>(tf.square(kernel))), tf.sum<tf.Scalar>(tf.square(bias))));
  return { kernel, bias, loss };
}

describe('layerScales: spectral', () => {
  it('perturbs each layer by rho sqrt(fan out / fan in), by hand', () => {
    // Kernel [4, 1]: length 0.4 sqrt(1 / 4) = 0.2, so 0.1 each: gradient 1.1. Bias [4]: 0.4 sqrt(4 / 1) = 0.8, so 0.4
    // each: gradient 2 * 3.4.
    const { kernel, bias, loss } = problem();
    const told: SharpnessVariant<unknown> = {
      ...toySam,
      estimate: (step) => ({ ...toySam.estimate(step), metrics: { perturbationNorm: step.radius } }),
    };
    const optimizer = own(optimizerOf(told, { rho: 0.4, layerScales: 'spectral' }));
    optimizer.minimize(loss, false, [kernel, bias]);
    expect(valuesOf([kernel])[0]).toEqual(Array(4).fill(expect.closeTo(0.89, 6)));
    expect(valuesOf([bias])[0]).toEqual(Array(4).fill(expect.closeTo(2.32, 6)));
    expect(optimizer.lastStep.perturbationNorm).toBeCloseTo(Math.hypot(0.2, 0.8), 6);
    expect(optimizer.lastStep.gradientEvaluations).toBe(2);
  });

  it('leaves out what the variant does not perturb, and a zero gradient', () => {
    const { kernel, bias } = problem();
    const flat = (): tf.Scalar => tf.tidy(() => tf.add(tf.sum<tf.Scalar>(tf.square(kernel)), tf.mul(0, tf.sum(bias))));
    own(optimizerOf(toySam, { rho: 0.4, layerScales: 'spectral' })).minimize(flat, false, [kernel, bias]);
    expect(valuesOf([bias])[0]).toEqual([3, 3, 3, 3]);
    expect(valuesOf([kernel])[0]?.[0]).toBeCloseTo(1 - 0.2 * 1.1, 6);
  });

  it('leaves a shift as it is', () => {
    // Kernel: 1 + 0.5 of the shift, and 0.1 of the offset as above; bias: 3 - 1 + 0.4.
    const { kernel, bias, loss } = problem();
    const shifting: SharpnessVariant<unknown> = {
      ...toySam,
      estimate: (step) => {
        const shift = [tf.fill([4, 1], 0.5), tf.fill([4], -1)];
        return toySam.estimate({ ...step, evaluate: (at) => step.evaluate(at?.offset ? { ...at, shift } : at) });
      },
    };
    own(optimizerOf(shifting, { rho: 0.4, layerScales: 'spectral' })).minimize(loss, false, [kernel, bias]);
    expect(valuesOf([kernel])[0]).toEqual(Array(4).fill(expect.closeTo(1 - 0.16, 6)));
    expect(valuesOf([bias])[0]).toEqual(Array(4).fill(expect.closeTo(3 - 0.1 * 4.8, 6)));
  });

  it('takes 2 n + 9 ops for an offset of n variables, n of them the lengths', async () => {
    const opsOf = async (count: number): Promise<number> => {
      const offset = Array.from({ length: count }, () => own(tf.tensor1d([1, 2])));
      const parameters = offset.map((_, i) => ({ name: `w${i}`, shape: [2], role: 'bias' as const }));
      const all = (await tf.profile(() => tf.tidy(() => [...spread(offset, parameters)]))).kernels;
      return all.filter(({ name }) => name !== 'Identity' && name !== 'Reshape').length;
    };
    const squares = (await tf.profile(() => tf.tidy(() => halfSumOfSquares(own(tf.tensor1d([1, 2])))))).kernels.length;
    const [two, five] = [await opsOf(2), await opsOf(5)];
    expect(five - two).toBe(3 * (squares + 1));
    expect(two).toBe(2 * (squares + 1) + 9);
  });

  it('tells a variant that computes with its offset which one it was', () => {
    const { kernel, bias, loss } = problem();
    let [asked, taken]: number[][][] = [[], []];
    const asking: SharpnessVariant<unknown> = {
      ...toySam,
      estimate: (step) => {
        expect(step.evaluate().offset).toBeUndefined();
        const offset = [tf.fill([4, 1], 0.3), tf.fill([4], 0.4)];
        [asked, taken] = [valuesOf(offset), valuesOf(step.evaluate({ offset }).offset ?? [])];
        return toySam.estimate(step);
      },
    };
    own(optimizerOf(asking, { rho: 0.4, layerScales: 'spectral' })).minimize(loss, false, [kernel, bias]);
    // Length 1 in all: 1/2 for the kernel and 2 for the bias, of four numbers each.
    expect(asked).toEqual([Array(4).fill(expect.closeTo(0.3, 6)), Array(4).fill(expect.closeTo(0.4, 6))]);
    expect(taken).toEqual([Array(4).fill(expect.closeTo(0.25, 6)), Array(4).fill(expect.closeTo(1, 6))]);
  });

  const scales: [number[], ParameterRole, number][] = [
    [[3, 3, 4, 9], 'kernel', 0.5],
    [[100, 16], 'embedding', 4],
    [[], 'other', 1],
  ];
  it.each(scales)('of %j, %s, is %d', (shape, role, scale) => {
    expect(spectralScale({ name: 'w', shape, role })).toBeCloseTo(scale, 12);
  });

  it('refuses another word', () => {
    expect(thrownBy(() => optimizerOf(toySam, { layerScales: 'mup' }))).toMatchObject({
      code: 'SPEC_INVALID',
      message: expect.stringMatching(/layerScales/),
    });
  });
});
