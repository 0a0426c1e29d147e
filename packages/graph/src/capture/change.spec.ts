import { afterEach, describe, expect, it } from '@jest/globals';
import {
  createContainer,
  type Logger,
  type LossFunction,
  type SharpnessAwareOptimizer,
  type Spec,
  stepInput,
  tokens,
} from '@flatmin/core';
import { definePlugin, radius, type SharpnessVariant, type StepOutlook } from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs';
import { ContainerModule } from 'inversify';
import { z } from 'zod';
import { capture, type CapturedStep } from './capture.js';
import { captureOrEager } from './captureOrEager.js';
import { disposeAll, onNative, own, toyPlugin } from './toy.fixture.js';

afterEach(disposeAll);

type Way = 'number' | 'count' | 'branch' | 'rare';

/**
 * A variant that computes by the index of the step, or by a count in its state, and says that all of its steps are
 * alike.
 */
const indexed = definePlugin({
  kind: 'variant',
  id: 'indexed',
  apiVersion: 1,
  description: 'Uses the index as a number.',
  options: z.strictObject({ rho: radius(0), way: z.enum(['number', 'count', 'branch', 'rare']) }),
  create: ({ way }: { way: Way }): SharpnessVariant<{ t: number }> => ({
    id: 'indexed',
    radius: 'linear',
    graphKey: (_: StepOutlook<{ t: number }>) => 'step',
    initialState: () => ({ t: 0 }),
    estimate: ({ evaluate, index, state: { t } }) => {
      const { loss, gradient } = evaluate();
      const state = { t: t + 1 };
      if (way === 'number')
        return { loss, state, gradient: gradient.map((g) => tf.mul(g, 1 / (1 - 0.5 ** (index + 1)))) };
      if (way === 'count') return { loss, state, gradient: gradient.map((g) => tf.mul(g, t)) };
      const isOther = way === 'branch' ? index % 2 === 1 : index % 10 === 9;
      return { loss, state, gradient: isOther ? gradient.map((g) => tf.neg(tf.square(g))) : gradient };
    },
  }),
});

interface Run {
  readonly weights: number[];
  readonly lines: string[];
  readonly graphs: number;
}

interface Setting {
  readonly spec?: Spec;
  readonly steps?: number;
  /** What the loss is of w and x; default: x w. */
  readonly lossOf?: (w: tf.Scalar, x: tf.Scalar) => tf.Scalar;
  readonly before?: (t: number, step: Pick<CapturedStep<[tf.Scalar]>, 'recheck'>) => void;
  /** Made again for each run: what JavaScript changes. */
  readonly start?: () => void;
}

const sgd = { use: 'sgd', learningRate: 1 };

/** Takes steps on w, from 0, at x = 1, eagerly or as graphs; the weight after each. */
function run(mode: 'eager' | 'graph' | 'strict', setting: Setting): Run {
  const { spec = { use: 'toy', rho: 0, base: sgd }, steps = 6, before, lossOf = tf.mul, start } = setting;
  start?.();
  const lines: string[] = [];
  const logger = { info: () => undefined, warn: (line: string) => void lines.push(line) };
  const module = new ContainerModule(({ rebind }) => void rebind<Logger>(tokens.Logger).toConstantValue(logger));
  const container = createContainer({ plugins: [toyPlugin, indexed], modules: [module] });
  const optimizer: SharpnessAwareOptimizer = own(container.createOptimizer(spec));
  const w = own(tf.variable(tf.scalar(0)));
  const x = own(tf.scalar(1));
  const loss =
    (at: tf.Scalar): LossFunction =>
    () =>
      tf.tidy(() => lossOf(w as unknown as tf.Scalar, at));
  const eagerly = Object.assign((at: tf.Scalar) => optimizer.minimize(loss(at), true, [w]) as tf.Scalar, {
    recheck: () => undefined,
    graphs: 0,
  });
  const make = mode === 'strict' ? capture : captureOrEager;
  const step = mode === 'eager' ? eagerly : own(make(optimizer, loss, [x] as never, { variables: [w] }));
  const weights = Array.from({ length: steps }, (_, t) => {
    before?.(t, step);
    own((step as (at: tf.Scalar) => tf.Scalar)(x));
    return w.dataSync()[0] as number;
  });
  return { weights, lines, graphs: step.graphs };
}

(onNative ? describe : describe.skip)('case 1: what JavaScript changes reaches a captured step', () => {
  it('case 1: a number that the loss closes over, by hand', () => {
    let strength = 0;
    const setting: Setting = {
      start: () => (strength = 0),
      // The gradient is 1 + strength w.
      lossOf: (w, x) => tf.add(tf.mul(x, w), tf.mul(strength / 2, tf.square(w))),
      before: (t) => {
        if (t === 3) strength = 0.5;
        if (t === 5) strength = 0.25;
      },
    };
    // -1 -2 -3; then -3 - (1 - 1.5) = -2.5 - (1 - 1.25) = -2.25 - (1 - 0.5625) = -2.6875
    const right = [-1, -2, -3, -2.5, -2.25, -2.6875];
    expect(run('eager', setting).weights).toEqual(right);
    const { weights, lines, graphs } = run('graph', setting);
    expect(weights).toEqual(right);
    expect(graphs).toBe(1);
    expect(lines).toEqual([expect.stringMatching(/step 3: a number that Mul takes was 0 .* and is 0\.25 now.*input/)]);
  });

  it('case 1: also long after it was captured: at once where recheck says so, else within 50 steps', () => {
    let strength = 0;
    const lossOf: Setting['lossOf'] = (w, x) => tf.mul(tf.mul(x, w), 1 + strength);
    const change = (at: number, says: boolean): Setting => ({
      lossOf,
      steps: 120,
      start: () => (strength = 0),
      before: (t, step) => {
        if (t !== at) return;
        strength = 1;
        if (says) step.recheck();
      },
    });
    const eager = run('eager', change(60, true)).weights;
    expect(eager[119]).toBe(-60 - 2 * 60);
    expect(run('graph', change(60, true)).weights).toEqual(eager);
    const late = run('graph', change(60, false));
    expect(late.weights[59]).toBe(-60);
    const noticed = late.weights.findIndex((value, t) => t > 0 && value - (late.weights[t - 1] as number) === -2);
    expect(noticed).toBeGreaterThan(60);
    expect(noticed).toBeLessThanOrEqual(60 + 50);
    expect(late.lines).toEqual([expect.stringMatching(/last checked at step \d+/)]);
  });

  it.each<[string, (counter: () => number) => Setting]>([
    ['a weight that is annealed at each step', (now) => ({ lossOf: (w, x) => tf.mul(tf.mul(x, w), 1 / (1 + now())) })],
    [
      'a count of batches that fills a tensor',
      (now) => ({ lossOf: (w, x) => tf.sum(tf.mul(tf.mul(x, w), tf.tensor1d([1, now()]))) }),
    ],
    [
      'a count that fills a large tensor',
      (now) => ({ lossOf: (w, x) => tf.mean(tf.mul(tf.mul(x, w), tf.fill([50], now()))) }),
    ],
  ])('case 1: %s', (_, make) => {
    let count = 0;
    const setting: Setting = { ...make(() => count), steps: 40, start: () => (count = 0), before: () => void count++ };
    const eager = run('eager', setting);
    const graph = run('graph', setting);
    graph.weights.forEach((value, t) => expect(value).toBeCloseTo(eager.weights[t] as number, 4));
    expect(graph.graphs).toBe(1);
    expect(graph.lines).toHaveLength(1);
  });

  it('case 1: a branch in the loss: the step is captured again, and says so once', () => {
    let squares = false;
    const setting: Setting = {
      steps: 60,
      start: () => (squares = false),
      lossOf: (w, x) => (squares ? tf.mul(0.125, tf.square(tf.add(w, x))) : tf.mul(x, w)),
      before: (t, step) => {
        squares = t >= 20 && t < 40;
        if (t % 20 === 0) step.recheck();
      },
    };
    const { weights, lines, graphs } = run('graph', setting);
    expect(weights).toEqual(run('eager', setting).weights);
    expect(lines).toEqual([expect.stringMatching(/step 20: operation \d+ is .*captured again/)]);
    expect(graphs).toBe(1);
  });

  it('case 1: a number that JavaScript makes of another one which it reads', () => {
    let scale = 1;
    const setting: Setting = {
      start: () => (scale = 1),
      lossOf: (w, x) => tf.mul(tf.mul(x, w), tf.scalar(2 * (tf.square(tf.scalar(scale)).dataSync()[0] as number))),
      before: (t) => {
        if (t === 3) scale = 2;
      },
    };
    expect(run('eager', setting).weights).toEqual([-2, -4, -6, -14, -22, -30]);
    expect(run('graph', setting).weights).toEqual([-2, -4, -6, -14, -22, -30]);
  });
});

(onNative ? describe : describe.skip)('case 1: a check asks for nothing that its step would not ask for', () => {
  /** Held-out rows of 2, 2 and 1, in turn, as the last batch of a part is smaller. */
  const rows = [2, 2, 1];

  it('case 1: supplies of several shapes: a step is held to the path of its own', () => {
    let drawn = 0;
    const next = (): readonly tf.Tensor[] => {
      const length = rows[drawn++ % rows.length] as number;
      return [tf.ones([length]), tf.fill([length], drawn)];
    };
    const setting: Setting = {
      start: () => (drawn = 0),
      steps: 30,
      lossOf: (w, x) => {
        const [a, b] = stepInput(next) as [tf.Tensor, tf.Tensor];
        const scaled = tf.mul(a, tf.mul(w, x));
        // As losses do that refuse what would be broadcast.
        if (scaled.shape[0] !== b.shape[0]) throw new Error(`shapes ${scaled.shape.join()} and ${b.shape.join()}`);
        return tf.mean(tf.mul(scaled, b));
      },
    };
    const eager = run('eager', setting).weights;
    // Both passes of a step draw; the gradient is that of the second: 2, 4, 6, ...
    expect(eager.slice(0, 4)).toEqual([-2, -6, -12, -20]);
    const { weights, lines } = run('strict', setting);
    expect([weights, lines]).toEqual([eager, []]);
  });

  it('case 1: a branch on a value that is read: what only the other one is supplied with is not drawn', () => {
    let drawn = 0;
    const setting: Setting = {
      start: () => (drawn = 0),
      steps: 30,
      lossOf: (w, x) => {
        // The weight falls by a supplied 1, 2 or 3 until it is below -5, and is then put back by 6.
        const isLow = tf.less(w, -5).dataSync()[0] === 1;
        const [slope] = isLow ? [tf.scalar(-6)] : stepInput(() => [tf.scalar((drawn++ % 3) + 1)]);
        return tf.mul(tf.mul(x, w), slope);
      },
    };
    const eager = run('eager', setting).weights;
    // Both passes of a step draw; the gradient is that of the second: 2, 1, 3, then 2 again.
    expect(eager.slice(0, 5)).toEqual([-2, -3, -6, 0, -2]);
    expect(run('strict', setting).weights).toEqual(eager);
  });
});

(onNative ? describe : describe.skip)('case 1: recordings at other indices and integers of the state', () => {
  const of = (way: Way): Setting => ({ spec: { use: 'indexed', way, base: sgd }, steps: 24 });

  it('case 1: the index as a number, under one key', () => {
    // The first step subtracts 1 / (1 - 1/2) = 2, the second 1 / (1 - 1/4) = 4/3, the third 8/7.
    const eager = run('eager', of('number')).weights;
    expect(eager[2]).toBeCloseTo(-2 - 4 / 3 - 8 / 7, 6);
    const { weights, lines } = run('graph', of('number'));
    weights.forEach((value, t) => expect(value).toBeCloseTo(eager[t] as number, 4));
    expect(lines).toHaveLength(1);
    expect(run('strict', of('number')).weights).toEqual(weights);
  });

  it('case 1: an integer of the state as a number, under one key', () => {
    const sums = Array.from({ length: 24 }, (_, t) => 0 - (t * (t + 1)) / 2); // 0, -1, -3, -6, ...
    expect(run('graph', of('count')).weights).toEqual(sums);
  });

  it('case 1: a key that says step while the code alternates by index', () => {
    const eager = run('eager', of('branch')).weights;
    expect(eager.slice(0, 4)).toEqual([-1, 0 - 0, -1, 0]);
    const { weights, lines } = run('graph', of('branch'));
    expect(weights).toEqual(eager);
    expect(lines.at(-1)).toMatch(/run eagerly.*from one step to the next.*graphKey/);
    expect(() => run('strict', of('branch'))).toThrow(expect.objectContaining({ code: 'CAPTURE_REFUSED' }));
    expect(run('graph', of('rare')).weights).toEqual(run('eager', of('rare')).weights);
  });
});
