import { createContainer, type SharpnessAwareOptimizer } from '@flatmin/core';
import { capture } from '@flatmin/graph';
import { lets } from '@flatmin/lets';
import { msam } from '@flatmin/msam';
import samPlugin, { sam } from '@flatmin/sam';
import { afterEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { adamw, baseOptimizers, lamb, muon, scheduleFreeAdamw, scheduleFreeSgd, sgdw } from './index.js';

const made: { dispose(): void }[] = [];
afterEach(() => made.splice(0).forEach((each) => each.dispose()));
const own = <T extends { dispose(): void }>(each: T): T => (made.push(each), each);

const container = createContainer({ plugins: [samPlugin, ...baseOptimizers] });
const base = { learningRate: 0.1, momentum: 0.9, weightDecay: 0.1 };

let names = 0;
/** Two variables, and the sum of fourth powers of their differences from 1. */
function problem(): { variables: tf.Variable[]; loss: () => tf.Scalar } {
  const variables = ['kernel', 'bias'].map((name) =>
    own(tf.variable(tf.tensor1d([0.5, -0.3]), true, `u${names++}/${name}`)),
  );
  const loss = (): tf.Scalar => tf.addN<tf.Scalar>(variables.map((v) => tf.sum<tf.Scalar>(tf.pow(tf.sub(v, 1), 4))));
  return { variables, loss };
}
const valuesOf = (variables: readonly tf.Tensor[]): number[][] => variables.map((each) => Array.from(each.dataSync()));

function trained(optimizer: SharpnessAwareOptimizer, { variables, loss } = problem(), steps = 4): number[][] {
  own(optimizer);
  for (let i = 0; i < steps; i++) optimizer.minimize(loss, false, variables);
  return valuesOf(variables);
}

describe('a base made in code', () => {
  it('is the same under a variant as its spec, and trains alone', () => {
    const fromSpec = container.createOptimizer({ use: 'sam', rho: 0.2, base: { use: 'sgdw', ...base } });
    expect(trained(sam({ rho: 0.2, base: sgdw(base) }))).toEqual(trained(fromSpec));
    expect(trained(sgdw(base))).toEqual(trained(container.createOptimizer({ use: 'sgdw', ...base })));
    expect(trained(sgdw(base))).not.toEqual(trained(fromSpec));
  });

  it('hands itself over, with what stands once beside it, and can be written to a config', () => {
    const alone = sgdw({ ...base, clipNorm: 0.01, seed: 3 });
    const optimizer = sam({ rho: 0.2, base: alone });
    expect(() => alone.minimize(() => tf.scalar(1))).toThrow(/was wrapped by another one/);
    expect(optimizer.setup.spec).toEqual({
      use: 'sam',
      rho: 0.2,
      clipNorm: 0.01,
      seed: 3,
      base: { use: 'sgdw', ...base },
    });
    expect(optimizer.setup.clipNorm).toBe(0.01);
    expect(optimizer.getConfig()).toHaveProperty('spec');
    expect(trained(optimizer)).not.toEqual(trained(sam({ rho: 0.2, base: sgdw(base) })));
    expect(() => sam({ clipNorm: 1, base: sgdw({ ...base, clipNorm: 1 }) })).toThrow(/clipNorm is already given at/);
  });

  it('goes on to LETS through what it was given to', () => {
    const toy = problem();
    const optimizer = lets(sam({ rho: 0.2, base: adamw({ learningRate: 0.01 }) }), { validationLoss: toy.loss });
    trained(optimizer, toy);
    expect(optimizer.learningRate).toBe(0.01);
    expect(optimizer.setup.spec['base']).toEqual({ use: 'adamw', learningRate: 0.01 });
  });

  it('shows MSAM its momentum, or none', () => {
    expect(() => trained(msam({ base: sgdw(base) }))).not.toThrow();
    expect(() => trained(msam({ base: adamw({}) }))).not.toThrow();
    expect(() => trained(msam({ base: sgdw({ learningRate: 0.1 }) }))).toThrow(/this base does not show any/);
  });

  it('refuses options by name', () => {
    expect(() => adamw({ beta1: 1, decayRoles: ['kernels'] as never })).toThrow(/beta1.*decayRoles/s);
  });
});

/** Steps of both variables, the first alone, both, the second alone, both. */
const patterns = [0b11, 0b11, 0b11, 0b01, 0b01, 0b01, 0b11, 0b11, 0b11, 0b10, 0b10, 0b11, 0b11];

const onNative = process.env['FLATMIN_BACKEND'] === undefined || process.env['FLATMIN_BACKEND'] === 'tensorflow';

(onNative ? describe : describe.skip)('as graphs', () => {
  it.each([
    ['sgdw', () => sgdw({ ...base, nesterov: true }), [1, 1, 1]],
    // Steps of both are others once each has a count of its own.
    ['adamw', () => adamw({ learningRate: 0.05 }), [1, 1, 2]],
    ['lamb', () => lamb({ learningRate: 0.05 }), [1, 1, 2]],
    ['muon', () => muon({ learningRate: 0.05, adamw: { learningRate: 0.02 } }), [1, 1, 2]],
    ['schedule-free-sgd', () => scheduleFreeSgd({ learningRate: 0.05, warmupSteps: 4 }), [1, 1, 2]],
    ['schedule-free-adamw', () => scheduleFreeAdamw({ learningRate: 0.05, r: 1 }), [1, 1, 2]],
  ])('%s follows rates and frozen variables as eagerly', (_, make, graphs) => {
    const run = (isCaptured: boolean): { values: number[][]; graphs: number[] } => {
      const { variables, loss } = problem();
      const optimizer = own(sam({ rho: 0.1, base: make() }));
      const listOf = (pattern: number): tf.Variable[] => variables.filter((_, i) => (pattern >> i) & 1);
      const steps = [0b01, 0b10, 0b11].map((each) =>
        own(capture(optimizer, () => loss, [], { variables: listOf(each) })),
      );
      patterns.forEach((pattern, t) => {
        optimizer.learningRate = 0.05 / (1 + t);
        const step = steps[pattern - 1] as () => tf.Scalar;
        if (isCaptured) step().dispose();
        else optimizer.minimize(loss, false, listOf(pattern));
      });
      return { values: valuesOf(variables), graphs: steps.map(({ graphs }) => graphs) };
    };
    const [eager, captured] = [run(false), run(true)];
    captured.values.flat().forEach((value, i) => expect(value).toBeCloseTo(eager.values.flat()[i] as number, 6));
    expect(captured.graphs).toEqual(graphs);
  });

  it.each([
    ['sgdw', () => sgdw(base)],
    ['adamw', () => adamw({ learningRate: 0.05, weightDecay: 0.1 })],
  ])('case 9: %s leaves variables that no loss of a step depends on, with their memory, as eagerly', (_, make) => {
    const run = (isCaptured: boolean): number[][] => {
      const { variables, loss } = problem();
      const [kernel] = variables as [tf.Variable];
      const alone = (): tf.Scalar => tf.sum<tf.Scalar>(tf.square(kernel));
      const optimizer = own(sam({ rho: 0.1, base: make() }));
      const [both, one] = [loss, alone].map((each) => own(capture(optimizer, () => each, [])));
      const left: number[][] = [];
      // No list is passed: what rests is found in the step itself.
      for (const [captured, each] of [0, 0, 0, 1, 1, 1, 0, 0].map((i) => [[both, one][i], [loss, alone][i]] as const)) {
        if (isCaptured) captured?.().dispose();
        else optimizer.minimize(each as () => tf.Scalar);
        left.push(...valuesOf(variables));
      }
      expect(left[11]).toEqual(left[5]); // The bias, over the steps of the kernel alone.
      return left;
    };
    const [eager, captured] = [run(false), run(true)];
    captured.flat().forEach((value, i) => expect(value).toBeCloseTo(eager.flat()[i] as number, 6));
  });
});
