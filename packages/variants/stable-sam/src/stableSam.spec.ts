import { Bowl } from '@flatmin/conformance';
import { createContainer, type Spec } from '@flatmin/core';
import type { SharpnessVariant, Step } from '@flatmin/core/plugin';
import { afterEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { letsPlugin } from '@flatmin/lets';
import { sam, samPlugin } from '@flatmin/sam';
import { usam } from '@flatmin/usam';
import { wsam } from '@flatmin/wsam';
import { stableSam, stableSamPlugin } from './plugin.js';
import { stableSamVariant } from './stableSam.js';

const { own, step, loss: bowl, dispose } = new Bowl();
afterEach(dispose);
const values = (tensor: tf.Tensor): number[] => Array.from(tensor.dataSync());
/** At learning rate 1 the step is the final gradient. */
const sgd = { use: 'sgd', learningRate: 1 } as const;

const dot = (a: number[], b: number[]): number => a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);
const coordinate = fc.double({ min: 0.1, max: 5, noNaN: true });
const runs = { numRuns: 25, seed: 1 };

const around = { sam: () => sam({ rho: 0.4, base: sgd }), usam: () => usam({ rho: 0.4, base: sgd }) };

describe('stable-sam', () => {
  it('takes steps as long as the clean gradient, along that of the variant inside', () => {
    fc.assert(
      fc.property(coordinate, coordinate, fc.constantFrom('sam' as const, 'usam' as const), (a, b, inner) => {
        const optimizer = own(stableSam(around[inner]()));
        const { clean, perturbed, taken } = step(optimizer, [a, -b]);
        expect(Math.hypot(...taken)).toBeCloseTo(Math.hypot(...clean), 4);
        expect(dot(taken, perturbed)).toBeCloseTo(Math.hypot(...taken) * Math.hypot(...perturbed), 2);
      }),
      runs,
    );
  });

  it('leaves steps that do not perturb alone, bit for bit', () => {
    const optimizer = own(stableSam(sam({ rho: 0.4, every: 2, base: sgd })));
    step(optimizer, [3, 2]);
    const { clean, taken } = step(optimizer, [3, 2]);
    expect(taken).toEqual(clean);
    expect(optimizer.lastStep.branch).toBe('base');
  });

  it('is what normMatch of LETS is, for the weights and for the radius', () => {
    const container = createContainer({ plugins: [samPlugin, stableSamPlugin, letsPlugin] });
    const inner = { use: 'sam', rho: 0.2 };
    const base = { use: 'sgd', learningRate: 0.1 };
    const run = (spec: Spec): number[] => {
      const w = own(tf.variable(tf.tensor1d([3, 2])));
      const validationLoss = (): tf.Scalar => tf.sum<tf.Scalar>(tf.mul(tf.square(tf.sub(w, [1, 0.5])), [2, 1]));
      const optimizer = own(container.createOptimizer({ ...spec, base }, { validationLoss }));
      for (let i = 0; i < 5; i++) optimizer.minimize(bowl(w), false, [w]);
      return [...values(w), optimizer.radius];
    };
    const stable = run({ use: 'lets', preset: 'robust', inner: { use: 'stable-sam', inner } });
    expect(stable).toEqual(run({ use: 'lets', preset: 'robust', normMatch: true, inner }));
    expect(stable).not.toEqual(run({ use: 'lets', preset: 'robust', inner }));
  });

  it('refuses a variant that gives its base no gradient, by name', () => {
    const own: SharpnessVariant<object> = {
      id: 'self-made',
      radius: 'linear',
      initialState: () => ({}),
      estimate: () => ({ loss: tf.scalar(0), state: {} }),
    };
    tf.tidy(() => {
      const at = { state: { inner: {}, own: {} } } as Partial<Step<never>> as Step<never>;
      expect(() => stableSamVariant(own).estimate(at)).toThrow(/stable-sam.*self-made.*Wrap/s);
    });
  });

  it('case 7: refuses one that moves the weights beside its base, where it would scale nothing', () => {
    expect(() => step(own(stableSam(wsam({ rho: 0.4, base: sgd }))), [3, 2])).toThrow(
      /stable-sam.*wsam also moves the weights/s,
    );
    const coupled = step(own(stableSam(wsam({ rho: 0.4, decouple: false, base: sgd }))), [3, 2]);
    expect(Math.hypot(...coupled.taken)).toBeCloseTo(Math.hypot(...coupled.clean), 4);
  });

  it('takes rho beside it for the sam inside, as specs of one level do', () => {
    const container = createContainer({ plugins: [samPlugin, stableSamPlugin] });
    expect(own(container.createOptimizer({ use: 'stable-sam', rho: 0.3, base: sgd })).radius).toBe(0.3);
    expect(() => container.createOptimizer({ use: 'stable-sam' as string, alpha: 1, base: sgd })).toThrow(/alpha/);
  });
});
