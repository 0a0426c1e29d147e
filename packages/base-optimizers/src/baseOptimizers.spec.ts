import { type BaseOptimizer, describeParameters, type ParameterInfo } from '@flatmin/core/plugin';
import { afterEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import {
  adamwPlugin,
  lambPlugin,
  lionPlugin,
  muonPlugin,
  scheduleFreeAdamwPlugin,
  scheduleFreeSgdPlugin,
  sgdwPlugin,
} from './index.js';

const made: { dispose(): void }[] = [];
afterEach(() => made.splice(0).forEach((each) => each.dispose()));
const own = <T extends { dispose(): void }>(each: T): T => (made.push(each), each);

const makers = {
  sgdw: sgdwPlugin,
  adamw: adamwPlugin,
  lion: lionPlugin,
  lamb: lambPlugin,
  muon: muonPlugin,
  'schedule-free-sgd': scheduleFreeSgdPlugin,
  'schedule-free-adamw': scheduleFreeAdamwPlugin,
};
type Options = Readonly<Record<string, unknown>>;
const baseOf = (use: keyof typeof makers, options: Options = {}): BaseOptimizer => {
  const plugin = makers[use] as typeof sgdwPlugin;
  const given = plugin.options.parse({ learningRate: 0.1, ...options });
  return own(plugin.create(given, undefined));
};

let names = 0;
const variableOf = (values: number[], name = 'kernel'): tf.Variable =>
  own(tf.variable(tf.tensor1d(values), true, `b${names++}/${name}`));
const valuesOf = (tensors: Iterable<tf.Tensor>): number[][] => [...tensors].map((each) => Array.from(each.dataSync()));
const rolesOf = (variables: readonly tf.Variable[]): readonly ParameterInfo[] => describeParameters(variables);

/** A step with these gradients; null is an absent one. */
function step(base: BaseOptimizer, variables: readonly tf.Variable[], gradients: readonly (number[] | null)[]): void {
  tf.tidy(() => {
    const tensors = gradients.map((each) => (each === null ? undefined : tf.tensor1d(each)));
    base.apply(variables, tensors, rolesOf(variables));
  });
}

/** The weights after steps with these gradients, in double precision, as PyTorch's page on AdamW has them. */
function adamwByHand(theta: number, gradients: readonly number[], lambda = 0.01): number {
  let [m, v] = [0, 0];
  gradients.forEach((g, i) => {
    theta *= 1 - 0.1 * lambda;
    m = 0.9 * m + 0.1 * g;
    v = 0.999 * v + 0.001 * g * g;
    theta -= (0.1 * (m / (1 - 0.9 ** (i + 1)))) / (Math.sqrt(v / (1 - 0.999 ** (i + 1))) + 1e-8);
  });
  return theta;
}

describe('the decay of groups', () => {
  /** A kernel that decays twice and a bias that does not, from 1, after one step. */
  const after = (base: BaseOptimizer, gradient: number): number[] => {
    const variables = [variableOf([1]), variableOf([1], 'bias')];
    const parameters = rolesOf(variables).map((each, i) => ({ ...each, decay: i === 0 ? 2 : 0 }));
    tf.tidy(() => base.apply(variables, [tf.tensor1d([gradient]), tf.tensor1d([gradient])], parameters));
    return valuesOf(variables).flat();
  };
  const close = (values: number[]): number[] => values.map((value) => expect.closeTo(value, 5) as unknown as number);

  it('multiplies that of the base, decoupled, coupled, and where the formula has it', () => {
    // 1 - 0.1 * 0.25 * 2 = 0.95, and the step 0.1 * 2.
    expect(after(baseOf('sgdw', { weightDecay: 0.25 }), 2)).toEqual(close([0.95 - 0.2, 0.8]));
    expect(after(baseOf('sgdw', { weightDecay: 0.25, decoupled: false }), 2)).toEqual(close([1 - 0.1 * 2.5, 0.8]));
    // z = x = y after the first step: 1 - 0.1 (2 + 0.25 * 2).
    expect(after(baseOf('schedule-free-sgd', { weightDecay: 0.25 }), 2)).toEqual(close([0.75, 0.8]));
    // Vectors are AdamW's in Muon, whose first step is the sign, 0.01 long, after the decay 1 - 0.01 * 5 * 2.
    const muon = { learningRate: 0.02, adamw: { learningRate: 0.01, weightDecay: 5 } };
    expect(after(baseOf('muon', muon), 2)).toEqual(close([1 - 0.01 * 5 * 2 - 0.01, 0.99]));
  });

  it('is what every base here says it takes', () => {
    const all = Object.keys(makers) as (keyof typeof makers)[];
    expect(all.filter((use) => baseOf(use).decaysByGroup !== true)).toEqual([]);
  });
});

describe('sgdw', () => {
  it('steps as worked out by hand, with and without momentum, in both forms', () => {
    const run = (options: Options): number[] => {
      const w = variableOf([1]);
      const base = baseOf('sgdw', options);
      for (const g of [2, 3]) step(base, [w], [[g]]);
      return valuesOf([w])[0] as number[];
    };
    expect(run({})[0]).toBeCloseTo(1 - 0.2 - 0.3, 6);
    // v: 2, then 0.5 2 + 3 = 4.
    expect(run({ momentum: 0.5 })[0]).toBeCloseTo(1 - 0.2 - 0.4, 6);
    // 2 + 0.5 2 = 3, then 3 + 0.5 4 = 5.
    expect(run({ momentum: 0.5, nesterov: true })[0]).toBeCloseTo(1 - 0.3 - 0.5, 6);
    // The weights shrink by 1 - 0.1 0.5 = 0.95 before each step.
    expect(run({ weightDecay: 0.5 })[0]).toBeCloseTo(0.95 * (0.95 - 0.2) - 0.3, 6);
    // Gradient 2 + 0.5 = 2.5, v 2.5, w 0.75; gradient 3 + 0.375, v 1.25 + 3.375 = 4.625.
    expect(run({ momentum: 0.5, weightDecay: 0.5, decoupled: false })[0]).toBeCloseTo(0.75 - 0.4625, 6);
  });

  it('shows its momentum, and none where it has none', () => {
    const w = variableOf([1]);
    const base = baseOf('sgdw', { momentum: 0.5 });
    expect(base.slot('momentum')).toBeUndefined();
    for (const g of [2, 3]) step(base, [w], [[g]]);
    expect(valuesOf(base.slot('momentum') ?? [])).toEqual([[4]]);
    expect([base.option('momentum'), base.option('learningRate'), base.option('beta1')]).toEqual([0.5, 0.1, undefined]);
    const plain = baseOf('sgdw');
    step(plain, [w], [[1]]);
    expect([plain.option('momentum'), plain.slot('momentum'), [...plain.owned()]]).toEqual([undefined, undefined, []]);
  });

  it('refuses Nesterov without momentum', () => {
    expect(sgdwPlugin.options.safeParse({ learningRate: 0.1, nesterov: true }).error?.issues[0]?.path).toEqual([
      'nesterov',
    ]);
  });
});

describe('adamw', () => {
  it('steps as the formula does in double precision, from the first step on', () => {
    const gradients = [0.3, -2, 0.001, 5];
    for (let steps = 1; steps <= gradients.length; steps++) {
      const w = variableOf([0.5]);
      const base = baseOf('adamw');
      for (const g of gradients.slice(0, steps)) step(base, [w], [[g]]);
      expect(Math.abs((valuesOf([w])[0]?.[0] as number) - adamwByHand(0.5, gradients.slice(0, steps)))).toBeLessThan(
        3e-7,
      );
    }
  });

  it('takes betas of 0: the sign of the gradient', () => {
    const w = variableOf([1, 1]);
    const base = baseOf('adamw', { beta1: 0, beta2: 0, weightDecay: 0 });
    for (let i = 0; i < 2; i++) step(base, [w], [[3, -0.2]]);
    expect(valuesOf([w])[0]).toEqual([expect.closeTo(0.8, 6), expect.closeTo(1.2, 6)]);
  });

  it('counts the steps of each variable: one that rested or joined is where it would be alone', () => {
    const [a, b, c] = [variableOf([1]), variableOf([1]), variableOf([1])];
    const base = baseOf('adamw');
    step(base, [a, b], [[1], [0.5]]);
    step(base, [a, b], [[-2], null]);
    step(base, [a, b, c], [[3], [4], [0.7]]);
    step(base, [a, b, c], [[3], null, [-1]]);
    const expected = [
      [1, -2, 3, 3],
      [0.5, 4],
      [0.7, -1],
    ].map((gradients) => adamwByHand(1, gradients));
    valuesOf([a, b, c]).forEach(([value], i) => expect(value).toBeCloseTo(expected[i] as number, 6));
    expect([...base.owned()]).toHaveLength(2 * 3 + 3);
  });

  it('keeps one count for variables that step together', () => {
    const variables = [variableOf([1]), variableOf([2]), variableOf([3])];
    const base = baseOf('adamw');
    for (let i = 0; i < 3; i++) step(base, variables, [[1], [1], [1]]);
    expect([...base.owned()]).toHaveLength(2 * 3 + 1);
    expect(base.needsEagerStep?.([true, true, true])).toBe(false);
    expect(base.needsEagerStep?.([true, false, true])).toBe(true);
    step(base, variables, [[1], null, [1]]);
    expect(base.needsEagerStep?.([true, false, true])).toBe(false);
    expect([...base.owned()]).toHaveLength(2 * 3 + 2);
  });
});

/** Operations of a step that is not the first. */
async function operations(base: BaseOptimizer, variables: readonly tf.Variable[]): Promise<number> {
  const gradients = variables.map(() => [1]);
  step(base, variables, gradients);
  const { kernels } = await tf.profile(() => step(base, variables, gradients));
  return kernels.length;
}

/** A norm is one op there, and four elsewhere. */
const onNative = [undefined, 'tensorflow'].includes(process.env['FLATMIN_BACKEND']);

const warm = { warmupSteps: 10, r: 1 };

describe.each<[keyof typeof makers, Options, number, number]>([
  ['sgdw', {}, 2, 0],
  ['sgdw', { momentum: 0.9 }, 4, 0],
  ['sgdw', { momentum: 0.9, nesterov: true }, 6, 0],
  ['sgdw', { momentum: 0.9, weightDecay: 0.1 }, 5, 0],
  ['sgdw', { momentum: 0.9, weightDecay: 0.1, decoupled: false }, 6, 0],
  ['adamw', { weightDecay: 0 }, 12, 11],
  ['adamw', {}, 13, 11],
  ['lion', {}, 9, 0],
  ['lion', { weightDecay: 0.1 }, 10, 0],
  ['muon', { adamw: {} }, 12, 11],
  ['muon', { adamw: { weightDecay: 0.1 } }, 13, 11],
  ['schedule-free-sgd', {}, 7, 19],
  ['schedule-free-sgd', { weightDecay: 0.1, ...warm }, 9, 30],
  ['schedule-free-adamw', {}, 15, 24],
  ['schedule-free-adamw', { weightDecay: 0.1, ...warm }, 17, 35],
  ['lamb', {}, onNative ? 24 : 30, 10],
  ['lamb', { weightDecay: 0.1 }, onNative ? 26 : 32, 10],
])('%s with %j', (use, options, each, once) => {
  it(`takes ${each} operations per variable, and ${once} besides`, async () => {
    const variables = Array.from({ length: 5 }, () => variableOf([1]));
    expect(await operations(baseOf(use, options), variables)).toBe(5 * each + once);
  });

  it('decays the roles that it is told to', () => {
    // These variables are none of Muon's own.
    const { weightDecay = use === 'adamw' ? 0.01 : 0 } = use === 'muon' ? (options['adamw'] as Options) : options;
    const decays = weightDecay !== 0;
    const roles = ['kernel', 'bias', 'gamma', 'embeddings'];
    const variables = roles.map((role) => variableOf([10], role));
    const zeros = roles.map(() => [0]);
    const left = (decayRoles: string[]): boolean[] => {
      variables.forEach((variable) => variable.assign(tf.tensor1d([10])));
      step(baseOf(use, { ...options, decayRoles }), variables, zeros);
      return valuesOf(variables).map(([value]) => (value as number) < 10);
    };
    expect(left(['kernel', 'embedding'])).toEqual([decays, false, false, decays]);
    expect(left(['bias', 'normalization'])).toEqual([false, decays, decays, false]);
  });

  it('leaves a variable without a gradient, and its slots, as they are', () => {
    const variables = [variableOf([1, 2]), variableOf([3, 4])];
    const base = baseOf(use, options);
    step(base, variables, [
      [1, 1],
      [1, 1],
    ]);
    const ofSecond = (): number[][] =>
      valuesOf([variables[1]!, ...['momentum', 'm', 'v'].flatMap((s) => base.slot(s)?.[1] ?? [])]);
    const [before, first] = [ofSecond(), valuesOf([variables[0]!])];
    step(base, variables, [[1, 1], null]);
    expect(ofSecond()).toEqual(before);
    expect(valuesOf([variables[0]!])).not.toEqual(first);
  });

  it('goes on from what it saved, to the bit, in another order and with variables that join', async () => {
    const start = [[1], [2], [3]];
    const variables = start.map((values) => variableOf(values));
    const [a, b, c] = variables as [tf.Variable, tf.Variable, tf.Variable];
    const begin = (base: BaseOptimizer): void => {
      variables.forEach((variable, i) => variable.assign(tf.tensor1d(start[i] as number[])));
      step(base, [a, b], [[1], [2]]);
      step(base, [a, b], [[-0.3], null]);
    };
    const whole = baseOf(use, options);
    begin(whole);
    step(whole, [a, b, c], [[0.5], [0.6], [0.7]]);
    step(whole, [a, b, c], [[0.1], [0.2], [0.3]]);
    const expected = valuesOf(variables);
    const first = baseOf(use, options);
    begin(first);
    const { slots, scalars } = await first.save();
    const reversed = Object.fromEntries(Object.entries(slots).map(([name, list]) => [name, [...list].reverse()]));
    const second = baseOf(use, options);
    await second.restore({ slots: reversed, scalars }, [b, a]);
    first.dispose();
    step(second, [b, a, c], [[0.6], [0.5], [0.7]]);
    step(second, [b, a, c], [[0.2], [0.1], [0.3]]);
    expect(valuesOf(variables)).toEqual(expected);
  });

  it('holds as many tensors after each step, inside a tidy too, and none after dispose', () => {
    const variables = [variableOf([1]), variableOf([2])];
    const before = tf.memory().numTensors;
    const base = baseOf(use, options);
    tf.tidy(() => step(base, variables, [[1], [1]]));
    const after = tf.memory().numTensors;
    for (let i = 0; i < 3; i++) step(base, variables, [[1], [1]]);
    expect(tf.memory().numTensors).toBe(after);
    expect(after - before).toBe([...base.owned()].length);
    base.dispose();
    base.dispose();
    expect(tf.memory().numTensors).toBe(before);
  });

  it('steps by the learning rate as it is now', () => {
    const w = variableOf([1]);
    const base = baseOf(use, options);
    base.learningRate = 0;
    step(base, [w], [[1]]);
    expect(valuesOf([w])).toEqual([[1]]);
  });
});

it('refuses what another base remembered', async () => {
  const w = variableOf([1]);
  const momentum = baseOf('sgdw', { momentum: 0.9 });
  step(momentum, [w], [[1]]);
  const saved = await momentum.save();
  expect(() => baseOf('adamw').restore(saved, [w])).toThrow(
    /remembers momentum, and adamw with these options m, steps, v/,
  );
  expect(() => baseOf('sgdw').restore(saved, [w])).toThrow(
    /sgdw with these options nothing.*spec that it was saved with/s,
  );
});

describe('lion', () => {
  it('does not see how long gradients are, but for their zeros', () => {
    const gradients = fc.array(fc.array(fc.integer({ min: -99, max: 99 }), { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 4 }); // prettier-ignore
    fc.assert(
      fc.property(gradients, fc.integer({ min: -6, max: 6 }), (all, exponent) => {
        const run = (scale: number): number[][] => {
          const w = variableOf([1, -2, 3]);
          const base = baseOf('lion', { weightDecay: 0.1 });
          for (const each of all) step(base, [w], [each.map((value) => value * scale)]);
          return valuesOf([w]);
        };
        // A power of two changes no digit.
        expect(run(2 ** exponent)).toEqual(run(1));
      }),
      { numRuns: 30 },
    );
  });

  it('steps by the sign of the mixture, and only then moves its momentum, by hand', () => {
    // m = 0: the sign of g. Then m = 0.5 (1, -1, 0): mixtures 0.9 (0.5) - 0.1 1 = 0.35, -0.9 0.5 + 0.1 8 = 0.35, 0.
    const w = variableOf([1, 1, 1]);
    const base = baseOf('lion', { beta2: 0.5 });
    step(base, [w], [[1, -1, 0]]);
    expect(valuesOf([w])[0]).toEqual([0.9, 1.1, 1].map((value) => expect.closeTo(value, 6)));
    step(base, [w], [[-1, 8, 0]]);
    expect(valuesOf([w])[0]).toEqual([0.8, 1, 1].map((value) => expect.closeTo(value, 6)));
    expect(valuesOf(base.slot('m') ?? [])).toEqual([[-0.25, 3.75, 0]]);
  });

  it('decays the weights by themselves, by role', () => {
    const [kernel, bias] = [variableOf([1]), variableOf([1], 'bias')];
    step(baseOf('lion', { weightDecay: 0.5, decayRoles: ['kernel'] }), [kernel, bias], [[2], [2]]);
    expect(valuesOf([kernel, bias])).toEqual([[expect.closeTo(0.95 - 0.1, 6)], [expect.closeTo(0.9, 6)]]);
  });
});

describe('lamb', () => {
  it('steps by the length of the weights, decay inside the ratio, by hand', () => {
    // At t = 1 Adam's direction is the sign of g: r = (1, -1) + 0.5 (3, 4) = (2.5, 1), ratio 5 / ||r||.
    const w = variableOf([3, 4]);
    step(baseOf('lamb', { weightDecay: 0.5, epsilon: 1e-12 }), [w], [[0.2, -7]]);
    const ratio = 5 / Math.hypot(2.5, 1);
    expect(valuesOf([w])[0]).toEqual([expect.closeTo(3 - 0.25 * ratio, 5), expect.closeTo(4 - 0.1 * ratio, 5)]);
  });

  it('takes 1 for the ratio where a norm is 0, and decays by role', () => {
    const [zero, still, bias] = [variableOf([0]), variableOf([2]), variableOf([4], 'bias')];
    const base = baseOf('lamb', { weightDecay: 0.5, decayRoles: ['kernel'], epsilon: 1e-12 });
    step(base, [zero, still, bias], [[3], [0], [3]]);
    // 0 moves by the rate; 2 by 0.1 (2 / 1) 1, its decay alone; the bias by 0.1 (4 / 1) 1.
    expect(valuesOf([zero, still, bias]).flat()).toEqual([-0.1, 1.8, 3.6].map((value) => expect.closeTo(value, 5)));
    const flat = variableOf([2]);
    step(baseOf('lamb'), [flat], [[0]]);
    expect(valuesOf([flat])).toEqual([[2]]);
  });
});

describe('the preconditioner', () => {
  it('of adamw is how far a step moved each weight, over rate and gradient, where momentum is 0', () => {
    const base = baseOf('adamw', { beta1: 0, beta2: 0.9, epsilon: 1e-3, weightDecay: 0 });
    const w = variableOf([1, -2]);
    expect(base.preconditioner?.()).toBeUndefined();
    for (const gradient of [
      [0.5, -2],
      [0.25, 1],
      [-1, 3],
    ] as [number, number][]) {
      const before = valuesOf([w])[0] as number[];
      step(base, [w], [gradient]);
      const P = valuesOf((base.preconditioner?.() ?? []).map(own))[0] as number[];
      valuesOf([w])[0]?.forEach((value, i) =>
        expect((before[i] as number) - value).toBeCloseTo(0.1 * (P[i] as number) * (gradient[i] as number), 5),
      );
    }
  });

  it.each(['sgdw', 'lion', 'lamb'] as const)('of %s is 1, or not known, so there is none', (use) => {
    const base = baseOf(use);
    step(base, [variableOf([1])], [[1]]);
    expect(base.preconditioner?.()).toBeUndefined();
  });
});
