import { createContainer, type SharpnessAwareOptimizer, type Spec } from '@flatmin/core';
import { type BaseOptimizer, describeParameters } from '@flatmin/core/plugin';
import { msam } from '@flatmin/msam';
import { samPlugin } from '@flatmin/sam';
import { wsam } from '@flatmin/wsam';
import { afterEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { baseOptimizers, scheduleFreeAdamw, scheduleFreeAdamwPlugin, scheduleFreeSgd, scheduleFreeSgdPlugin } from './index.js'; // prettier-ignore

const made: { dispose(): void }[] = [];
afterEach(() => made.splice(0).forEach((each) => each.dispose()));
const own = <T extends { dispose(): void }>(each: T): T => (made.push(each), each);

type Options = Readonly<Record<string, number>>;
const plugins = { sgd: scheduleFreeSgdPlugin, adamw: scheduleFreeAdamwPlugin };
const baseOf = (use: keyof typeof plugins, options: Options): BaseOptimizer => {
  const plugin = plugins[use] as typeof scheduleFreeSgdPlugin;
  return own(plugin.create(plugin.options.parse(options), undefined));
};
let names = 0;
const variableOf = (value: number): tf.Variable =>
  own(tf.tidy(() => tf.variable(tf.tensor1d([value]), true, `s${names++}/kernel`)));
const valueOf = (tensor: tf.Tensor | undefined): number => (tensor as tf.Tensor).dataSync()[0] as number;
const step = (base: BaseOptimizer, w: tf.Variable, gradient: number): void =>
  tf.tidy(() => base.apply([w], [tf.tensor1d([gradient])], describeParameters([w])));
const xOf = (base: BaseOptimizer, w: tf.Variable): number =>
  tf.tidy(() => valueOf(base.evaluationWeights?.([w], 1)?.[0]));

interface Run {
  readonly rates: readonly number[];
  readonly gradients: readonly number[];
}

/** x, y and z of the formula in double precision, with the official names. */
function byHand(
  { rates, gradients }: Run,
  options: Options,
  adamw = false,
): readonly { x: number; y: number; z: number }[] {
  const {
    beta = 0.9,
    warmupSteps = 0,
    r = 0,
    weightLrPower = 2,
    weightDecay = 0,
    beta2 = 0.999,
    epsilon = 1e-8,
  } = options;
  let [x, y, z, v, sum, largest] = [1, 1, 1, 0, 0, 0];
  return gradients.map((g, k) => {
    const l = (rates[k] as number) * (k < warmupSteps ? (k + 1) / warmupSteps : 1);
    largest = Math.max(largest, l);
    const weight = (k + 1) ** r * largest ** weightLrPower;
    sum += weight;
    const c = sum === 0 ? 0 : weight / sum;
    v = beta2 * v + (1 - beta2) * g * g;
    const d = (adamw ? g / (Math.sqrt(v / (1 - beta2 ** (k + 1))) + epsilon) : g) + weightDecay * y;
    z -= l * d;
    x = (1 - c) * x + c * z;
    y = beta * x + (1 - beta) * z;
    return { x, y, z };
  });
}

const rate = fc.constantFrom(0, 0.05, 0.1, 0.2);
const settings = fc.record({
  beta: fc.constantFrom(0.02, 0.5, 0.9, 0.98),
  warmupSteps: fc.integer({ min: 0, max: 4 }),
  r: fc.constantFrom(0, 1, 0.5),
  weightLrPower: fc.constantFrom(0, 1, 2),
  weightDecay: fc.constantFrom(0, 0.3),
});
const runs = fc.array(fc.tuple(rate, fc.integer({ min: -30, max: 30 }).map((g) => g / 10)), { minLength: 1, maxLength: 7 }); // prettier-ignore

describe.each(['sgd', 'adamw'] as const)('schedule-free %s', (use) => {
  it('has y, x and z of the formula, at any rates, warm-up and weights', () => {
    fc.assert(
      fc.property(runs, settings, (all, options) => {
        const run = { rates: all.map(([l]) => l), gradients: all.map(([, g]) => g) };
        const { beta, ...others } = options;
        const base = baseOf(use, { ...others, [use === 'sgd' ? 'momentum' : 'beta1']: beta });
        const w = variableOf(1);
        byHand(run, options, use === 'adamw').forEach(({ x, y, z }, k) => {
          base.learningRate = run.rates[k] as number;
          step(base, w, run.gradients[k] as number);
          expect(valueOf(w)).toBeCloseTo(y, 4);
          expect(xOf(base, w)).toBeCloseTo(x, 4);
          expect(valueOf(base.slot('x-z')?.[0])).toBeCloseTo(x - z, 4);
        });
      }),
      { numRuns: 40 },
    );
  });

  it('has x = y = z after the first step, exactly', () => {
    const base = baseOf(use, { learningRate: 0.3 });
    const w = variableOf(1);
    expect(base.evaluationWeights?.([w], 1)).toBeUndefined();
    step(base, w, 2);
    expect([xOf(base, w), valueOf(base.slot('x-z')?.[0])]).toEqual([valueOf(w), 0]);
  });

  it('keeps x, also where beta is small, as exact as the weights', () => {
    // The official recovery of x from y and z divides their rounding by beta.
    const beta = 0.001;
    const base = baseOf(use, { learningRate: 0.01, [use === 'sgd' ? 'momentum' : 'beta1']: beta });
    const w = variableOf(1);
    const gradients = Array.from({ length: 60 }, (_, k) => Math.sin(k));
    const expected = byHand({ rates: gradients.map(() => 0.01), gradients }, { beta }, use === 'adamw').at(-1);
    for (const g of gradients) step(base, w, g);
    expect(Math.abs(xOf(base, w) - (expected?.x as number))).toBeLessThan(1e-6);
  });

  it('counts equal shares exactly, however small the rate', () => {
    const base = baseOf(use, { learningRate: 1e-25 });
    const w = variableOf(1);
    for (let k = 0; k < 5; k++) step(base, w, 1);
    const [, , shares] = [...base.owned()].slice(-3);
    expect(valueOf(shares)).toBe(5);
  });

  it('says how far it moves y along the gradient', () => {
    const options = { learningRate: 0.1, warmupSteps: 4 };
    const base = baseOf(use, options);
    const w = variableOf(1);
    expect(base.preconditioner?.()).toBeUndefined();
    for (const [k, g] of [2, -1, 3].entries()) {
      const [before, u] = [valueOf(w), k === 0 ? 0 : valueOf(base.slot('x-z')?.[0])];
      step(base, w, g);
      const P = tf.tidy(() => valueOf(base.preconditioner?.()?.[0]));
      // c is the squares of 1, 2, 3 over their sums; y also moves by beta c u.
      const c = [1, 4 / 5, 9 / 14][k] as number;
      expect(before - valueOf(w) - 0.9 * c * u).toBeCloseTo(0.1 * P * g, 5);
    }
  });
});

describe('the average of equal weights', () => {
  it('is the mean of z, by hand', () => {
    // r 0 and a constant rate: c is 1, 1/2, 1/3. z goes 1 - 0.1, - 0.2, + 0.4: 0.9, 0.7, 1.1; x is their mean.
    const base = baseOf('sgd', { learningRate: 0.1, momentum: 0.5 });
    const w = variableOf(1);
    for (const g of [1, 2, -4]) step(base, w, g);
    expect(xOf(base, w)).toBeCloseTo(0.9, 6);
    expect(valueOf(w)).toBeCloseTo(0.5 * 0.9 + 0.5 * 1.1, 6);
  });
});

const container = createContainer({ plugins: [samPlugin, ...baseOptimizers] });
const optimizerOf = (base: object): SharpnessAwareOptimizer =>
  own(container.createOptimizer({ use: 'sam', rho: 0.1, base } as Spec));
const lossOf = (w: tf.Variable) => (): tf.Scalar => tf.sum<tf.Scalar>(tf.pow(tf.sub(w, 2), 4));

describe.each([
  () => scheduleFreeSgd({ learningRate: 0.02, warmupSteps: 2 }),
  () => scheduleFreeAdamw({ learningRate: 0.02 }),
])('under a variant: %#', (make) => {
  const { spec } = make().setup;

  it('evaluates by x, and goes on from what was saved at x, to the bit', async () => {
    const [whole, w] = [variableOf(1), variableOf(1)];
    const [one, first] = [optimizerOf(spec), optimizerOf(spec)];
    const go = (optimizer: SharpnessAwareOptimizer, v: tf.Variable): void => {
      for (let k = 0; k < 3; k++) optimizer.minimize(lossOf(v), false, [v]);
    };
    go(one, whole);
    go(one, whole);
    go(first, w);
    const y = valueOf(w);
    expect(first.useEvaluationWeights()).toBe(true);
    expect(valueOf(w)).not.toBe(y);
    const entries = (await first.getWeights()).map(({ name, tensor }) => ({ name, tensor: own(tensor.clone()) }));
    const second = optimizerOf(spec);
    await second.setWeights(entries);
    go(second, w);
    expect(valueOf(w)).toBe(valueOf(whole));
    const [a, b] = [one, second].map((each) =>
      Object.values(each.evaluationWeights() ?? {})
        .map(own)
        .map(valueOf),
    );
    expect(a).toEqual(b);
  });

  it('is refused where a variant adds to its step or asks for its momentum', () => {
    const w = variableOf(1);
    expect(() => own(wsam({ decouple: true, base: make() })).minimize(lossOf(w), false, [w])).toThrow(
      /wsam adds to the step/,
    );
    expect(() => own(msam({ base: make() })).minimize(lossOf(w), false, [w])).toThrow(/does not show any/);
    expect(valueOf(w)).toBe(1);
  });
});

it('refuses a beta of 0 and of 1, and negative powers', () => {
  for (const momentum of [0, 1]) expect(scheduleFreeSgdPlugin.options.safeParse({ momentum }).success).toBe(false);
  for (const beta1 of [0, 1]) expect(scheduleFreeAdamwPlugin.options.safeParse({ beta1 }).success).toBe(false);
  for (const options of [{ r: -1 }, { weightLrPower: -1 }, { warmupSteps: 0.5 }]) {
    expect(scheduleFreeSgdPlugin.options.safeParse(options).success).toBe(false);
  }
});
