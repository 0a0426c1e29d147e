import {
  createContainer,
  lossOfBatch,
  type LossFunction,
  type SharpnessAwareOptimizer,
  type Spec,
} from '@flatmin/core';
import { gateAround } from '@flatmin/core/plugin';
import asamPlugin, { asam } from '@flatmin/asam';
import samPlugin, { sam } from '@flatmin/sam';
import { afterEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { lets, letsPlugin } from './plugin.js';

const made: { dispose(): void }[] = [];
afterEach(() => made.splice(0).forEach((each) => each.dispose()));
const own = <T extends { dispose(): void }>(each: T): T => {
  made.push(each);
  return each;
};
const values = (tensor: tf.Tensor): number[] => Array.from(tensor.dataSync());
const sgd = { use: 'sgd', learningRate: 0.1 };
const container = createContainer({ plugins: [samPlugin, asamPlugin, letsPlugin] });

/** 1/2 sum of a (w - c)^2. */
const bowl =
  (w: tf.Variable, a: number[], c: number[]): LossFunction =>
  () =>
    tf.tidy(() => tf.mul(0.5, tf.sum<tf.Scalar>(tf.mul(tf.square(tf.sub(w, c)), a))));

interface Task {
  readonly w: tf.Variable;
  readonly loss: LossFunction;
  readonly validationLoss: LossFunction;
}
function task(start = [3, 2]): Task {
  const w = own(tf.variable(tf.tensor1d(start)));
  return { w, loss: bowl(w, [1, 2], [0, 0]), validationLoss: bowl(w, [2, 1], [1, -1]) };
}
function run({ w, loss }: Task, optimizer: SharpnessAwareOptimizer, steps: number): number[] {
  return Array.from({ length: steps }, () => {
    optimizer.minimize(loss, false, [w]);
    return optimizer.lastStep.radiusAfter as number;
  });
}

describe('lets', () => {
  it('moves rho by the hypergradient worked out by hand', () => {
    // g = (3, 4), d = (0.6, 0.8), rho = 0.5: gp = (3.3, 4.8), theta' = (2.67, 1.52); H = diag(1, 2), so the secant form
    // is exact: H d = (0.6, 1.6), z = -0.1 H d = (-0.06, -0.16). At theta': L_tr = 1/2 (2.67^2 + 2 1.52^2) = 5.87485,
    // L_vl = 1/2 (2 1.67^2 + 2.52^2) = 5.9641, q_tr = (2.67, 3.04), q_vl = (3.34, 2.52): gap 0.08925,
    // h = 0.08925 (0.67 (-0.06) + (-0.52) (-0.16)) = 0.08925 0.043 = 0.00383775.
    const t = task();
    const upper = { use: 'sgd' as const, learningRate: 10 };
    const optimizer = own(
      lets(sam({ rho: 0.5, base: sgd }), {
        ...{ curvature: 'secant', parameterization: 'linear', upper },
        validationLoss: t.validationLoss,
      }),
    );
    run(t, optimizer, 1);
    expect(optimizer.lastStep.gap).toBeCloseTo(0.08925, 5);
    expect(optimizer.lastStep.hypergradient).toBeCloseTo(0.00383775, 6);
    expect(optimizer.lastStep.radiusAfter).toBeCloseTo(0.5 - 0.0383775, 5);
    expect(optimizer.lastStep.radius).toBe(0.5);
    expect(optimizer.lastStep.gradientEvaluations).toBe(4);
  });

  it('projects, remembers and steps log rho as the robust preset says', () => {
    // As above: q = (0.6, 1.6), gp = (3.3, 4.8): <gp, q> / <gp, gp> = 9.66 / 33.93 = 0.2847038; q less that times gp is
    // (-0.3395225, 0.2334218); z = -0.1 of it; h = <(3.34, 2.52), z> = 0.1133999 - 0.0588223 = 0.0545776.
    // Adam's first step is its learning rate: rho' = 0.5 exp(-0.02).
    const t = task();
    const optimizer = own(lets(sam({ rho: 0.5, base: sgd }), { preset: 'robust', validationLoss: t.validationLoss }));
    run(t, optimizer, 1);
    expect(optimizer.lastStep.validationLoss).toBeCloseTo(5.9641, 4);
    expect(optimizer.lastStep.hypergradient).toBeCloseTo(0.0545776, 5);
    expect(optimizer.lastStep.radiusAfter).toBeCloseTo(0.5 * Math.exp(-0.02), 6);
    expect(optimizer.lastStep.gradientEvaluations).toBe(3);
  });

  it('keeps rho within its range', () => {
    const t = task();
    const upper = { use: 'sgd' as const, learningRate: 1e6 };
    const context = { upper, rhoMin: 0.4, rhoMax: 0.6, validationLoss: t.validationLoss };
    const radii = run(t, own(lets(sam({ rho: 0.5, base: sgd }), { ...context, curvature: 'secant' })), 3);
    for (const rho of radii) expect([expect.closeTo(0.4, 6), expect.closeTo(0.6, 6)]).toContainEqual(rho);
  });

  it('runs the upper level every k steps, after the warm-up', () => {
    const t = task();
    const settings = { preset: 'robust' as const, every: 3, warmup: 4, validationLoss: t.validationLoss };
    const optimizer = own(lets(sam({ rho: 0.5, base: sgd }), settings));
    const evaluations = Array.from({ length: 8 }, () => {
      optimizer.minimize(t.loss, false, [t.w]);
      expect(optimizer.lastStep.hypergradient !== undefined).toBe(optimizer.lastStep.gradientEvaluations === 3);
      return optimizer.lastStep.gradientEvaluations;
    });
    expect(evaluations).toEqual([2, 2, 2, 2, 2, 2, 3, 2]);
  });

  it.each(['paper', 'robust'] as const)(
    '%s: steps that do not use rho leave the whole upper state alone',
    async (preset) => {
      const t = task();
      const inner = { use: 'sam', rho: 0.5, every: 2, base: sgd };
      const optimizer = own(
        container.createOptimizer({ use: 'lets', preset, inner }, { validationLoss: t.validationLoss }),
      );
      const upperState = async (): Promise<number[][]> =>
        (await optimizer.getWeights())
          .filter(({ name }) => name.startsWith('state/'))
          .map(({ tensor }) => values(tensor));
      optimizer.minimize(t.loss, false, [t.w]);
      const before = await upperState();
      optimizer.minimize(t.loss, false, [t.w]);
      expect(optimizer.lastStep).toMatchObject({ radius: null, branch: 'base', gradientEvaluations: 1 });
      expect(await upperState()).toEqual(before);
      optimizer.minimize(t.loss, false, [t.w]);
      expect(await upperState()).not.toEqual(before);
    },
  );

  it.each(['paper', 'robust'] as const)('%s: a zero gradient and a non-finite h leave it alone too', async (preset) => {
    const t = task();
    let broken = false;
    const validationLoss = (): tf.Scalar =>
      tf.tidy(() => (broken ? tf.mul(t.validationLoss(), Number.POSITIVE_INFINITY) : t.validationLoss()));
    const optimizer = own(lets(sam({ rho: 0.5, base: sgd }), { preset, validationLoss }));
    const radiusState = async (): Promise<number[][]> =>
      (await optimizer.getWeights())
        .filter(({ name }) => name.startsWith('state/radius'))
        .map(({ tensor }) => values(tensor));
    const memory = async (): Promise<number[][]> =>
      (await optimizer.getWeights())
        .filter(({ name }) => name.startsWith('state/sens'))
        .map(({ tensor }) => values(tensor));
    run(t, optimizer, 2);
    const before = await radiusState();
    broken = true;
    run(t, optimizer, 1);
    expect(await radiusState()).toEqual(before);
    broken = false;
    const remembered = await memory();
    const flat = (): tf.Scalar => tf.tidy(() => tf.mul(0, tf.sum<tf.Scalar>(t.w)));
    optimizer.minimize(flat, false, [t.w]);
    expect(await radiusState()).toEqual(before);
    expect(await memory()).toEqual(remembered);
  });

  it("uses the next step's batch for the gap when asked", () => {
    // Step 0 only trains; step 1 first moves rho by h of step 0's z, at theta_1, with step 1's loss as training loss.
    const t = task();
    const upper = { use: 'sgd' as const, learningRate: 10 };
    const settings = { trainingBatch: 'next', curvature: 'secant', parameterization: 'linear', upper } as const;
    const optimizer = own(lets(sam({ rho: 0.5, base: sgd }), { ...settings, validationLoss: t.validationLoss }));
    optimizer.minimize(t.loss, false, [t.w]);
    expect(optimizer.lastStep.gradientEvaluations).toBe(2);
    expect(optimizer.lastStep.radiusAfter).toBe(0.5);
    // The same metrics as above, when the next batch is the same one.
    optimizer.minimize(t.loss, false, [t.w]);
    expect(optimizer.lastStep.gap).toBeCloseTo(0.08925, 5);
    expect(optimizer.lastStep.hypergradient).toBeCloseTo(0.00383775, 6);
    expect(optimizer.lastStep.radius).toBeCloseTo(0.5 - 0.0383775, 5);
    expect(optimizer.lastStep.gradientEvaluations).toBe(3);
  });

  it('matches the norm of the step when asked: the base gets a gradient as long as the clean one', () => {
    const t = task();
    const optimizer = own(
      lets(sam({ rho: 0.5, base: sgd }), { preset: 'robust', normMatch: true, validationLoss: t.validationLoss }),
    );
    run(t, optimizer, 1);
    const factor = 5 / Math.hypot(3.3, 4.8);
    expect(values(t.w)[0]).toBeCloseTo(3 - 0.33 * factor, 5);
    expect(values(t.w)[1]).toBeCloseTo(2 - 0.48 * factor, 5);
  });

  it('keeps the tensor count over 2,000 steps of LETS-ASAM', () => {
    const x = own(tf.randomNormal<tf.Rank.R2>([16, 3], 0, 1, 'float32', 1));
    const kernel = own(tf.variable(tf.randomNormal([3, 1], 0, 1, 'float32', 2)));
    const bias = own(tf.variable(tf.zeros([1])));
    const perExample = (rows: tf.Tensor2D): tf.Tensor1D =>
      tf.reshape(tf.square(tf.sub(tf.add(tf.matMul(rows, kernel), bias), 1)), [-1]);
    const loss = lossOfBatch(perExample, x, x);
    const optimizer = own(
      lets(asam({ base: { use: 'momentum', learningRate: 1e-3, momentum: 0.9 } }), {
        preset: 'robust',
        validationLoss: loss,
      }),
    );
    optimizer.minimize(loss, false, [kernel, bias]);
    const before = tf.memory().numTensors;
    for (let i = 0; i < 2000; i++) optimizer.minimize(loss, false, [kernel, bias]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('says what it needs before anything changes', () => {
    const t = task();
    const loaded = own(lets(sam({ base: sgd }), { preset: 'paper' }));
    expect(() => loaded.minimize(t.loss, false, [t.w])).toThrow(
      /held-out data and has none.*attach\(\{ validationLoss \}\)/s,
    );
    expect(values(t.w)).toEqual([3, 2]);
    loaded.attach({ validationLoss: t.validationLoss });
    run(t, loaded, 1);
    expect(loaded.lastStep.gap).toBeDefined();
  });

  const refusals: [string, Spec, RegExp][] = [
    [
      'a schedule',
      { use: 'lets', inner: { use: 'sam', rho: { schedule: 'linear', from: 0, to: 1, steps: 9 }, base: sgd } },
      /inner\.rho.*cannot be a schedule/s,
    ],
    [
      'a start at 0',
      { use: 'lets', inner: { use: 'sam', rho: 0, base: sgd } },
      /inner\.rho.*outside \[rhoMin, rhoMax\]/s,
    ],
    ['an empty range', { use: 'lets', rhoMin: 1, rhoMax: 1, inner: { use: 'sam', base: sgd } }, /rhoMin.*not below/s],
    [
      'next without a gap',
      { use: 'lets', preset: 'robust', trainingBatch: 'next', inner: { use: 'sam', base: sgd } },
      /trainingBatch/,
    ],
    ['a base alone', { use: 'lets', inner: sgd }, /inner.*a base cannot be wrapped/s],
    ['an unknown option', { use: 'lets', rate: 1, inner: { use: 'sam', base: sgd } }, /rate.*preset, objective/s],
  ];
  it.each(refusals)('refuses %s', (_, spec, message) => {
    expect(() => container.createOptimizer(spec)).toThrow(message);
  });

  it('refuses, by name, a variant without a rho-free direction', () => {
    const inner = { id: 'noisy', radius: 'none' as const, initialState: () => ({}), estimate: () => ({}) as never };
    const create = (): unknown => letsPlugin.create(letsPlugin.options.parse({}), { inner, wrap: () => inner });
    expect(create).toThrow(/lets cannot wrap noisy/);
  });

  it('case 24: says that a warm-up as long as the run learns nothing', () => {
    const inner = own(sam({ rho: 0.1, base: sgd })).setup.variant;
    const said = (warmup: number, totalSteps?: number): string[] => {
      const lines: string[] = [];
      const caution = (line: string): void => void lines.push(line);
      const context = { inner, wrap: () => inner, caution, ...(totalSteps === undefined ? {} : { totalSteps }) };
      letsPlugin.create(letsPlugin.options.parse({ preset: 'robust', warmup }), context);
      return lines;
    };
    expect(said(5000, 38)).toEqual(['warmup of lets is 5000 and the run has 38 steps: rho is never learned.']);
    expect([...said(37, 38), ...said(5000)]).toEqual([]);
  });

  it('refuses, by name, what learns its radius itself, in a gate too', () => {
    const learning = { use: 'lets', inner: { use: 'sam', base: sgd } };
    expect(() => container.createOptimizer({ use: 'lets', inner: learning })).toThrow(/lets cannot wrap lets\(sam\)/);
    const inner = gateAround(own(container.createOptimizer(learning)).setup.variant, {
      id: 'always',
      firstState: () => ({}),
      pass: (step, ask) => ({ ...ask(), own: step.state }),
    });
    const create = (): unknown => letsPlugin.create(letsPlugin.options.parse({}), { inner, wrap: () => inner });
    expect(create).toThrow(/lets cannot wrap always/);
  });

  it('starts at the rho of its inner variant, else at 0.1, and lets radius be set within its range', () => {
    expect(own(lets(sam({ rho: 0.3, base: sgd }))).radius).toBe(0.3);
    const optimizer = own(container.createOptimizer({ use: 'lets', base: sgd }));
    expect(optimizer.radius).toBe(0.1);
    optimizer.radius = 0.25;
    expect(optimizer.radius).toBe(0.25);
    expect(() => (optimizer.radius = 3)).toThrow(/radius was set to 3; lets\(sam\) keeps it within \[0\.001, 2\]/);
  });
});

describe('case 31: lets without held-out data', () => {
  const spec: Spec = { use: 'lets', warmup: 100, inner: { use: 'sam', base: sgd } };

  it('is refused when it is created, where nothing is attached later', () => {
    expect(() => container.createOptimizer(spec, { complete: true })).toThrow(
      expect.objectContaining({ code: 'VALIDATION_LOSS_MISSING' }),
    );
    own(container.createOptimizer(spec, { complete: true, validationLoss: () => tf.scalar(0) }));
  });

  it('can be created for an attachment to come', () => {
    own(container.createOptimizer(spec));
  });
});
