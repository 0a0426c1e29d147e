import { lossOfBatch, type LossFunction, RandomStream } from '@flatmin/core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs';
import { createOptimizer, type SharpnessAwareOptimizer, type Spec } from './index.js';

type Options = Readonly<Record<string, unknown>>;

/** The options that open a gate for good, shut it for good, and open it on some steps of a few. */
interface Gate {
  readonly open: Options;
  readonly shut: Options;
  readonly some: Options;
  /** Steps that a gate asks whatever its options. */
  readonly asksFirst: number;
}

const gates: Readonly<Record<string, Gate>> = {
  rst: { open: { p: 1 }, shut: { p: 0 }, some: { coins: [1, 0, 0, 1, 1, 0, 1] }, asksFirst: 0 },
  'ae-sam': {
    open: { lambda1: -1e9, lambda2: -1e9 },
    shut: { lambda1: 1e9, lambda2: 1e9 },
    some: { delta: 0.6, lambda1: 0, lambda2: 0 },
    asksFirst: 0,
  },
  // Without alpha the steps in between reuse nothing.
  looksam: { open: { k: 1 }, shut: { k: 1000, alpha: 0 }, some: { k: 3, alpha: 0 }, asksFirst: 1 },
};
const directions: Readonly<Record<string, Options>> = {
  sam: { rho: 0.2 },
  asam: { rho: 0.5, eta: 0.01 },
  fsam: { rho: 0.2, sigma: 0.8, lambda: 0.7 },
  'fisher-sam': { rho: 0.2, eta: 0.5 },
  vasso: { rho: 0.2, theta: 0.4 },
};
const pairs = Object.keys(gates).flatMap((gate) => Object.keys(directions).map((direction) => ({ gate, direction })));

const sgd = { use: 'sgd', learningRate: 0.2 };
const momentum = { use: 'momentum', learningRate: 0.1, momentum: 0.9 };
const steps = 7;
const totalSteps = 2 * steps;

/** A tanh network 4-5-3 on three batches of six, and a fourth that is held out. */
const shapes = { 'dense1/kernel': [4, 5], 'dense1/bias': [5], 'dense2/kernel': [5, 3], 'dense2/bias': [3] };
let variables: tf.Variable[];
let start: tf.Tensor[];
let losses: LossFunction[];
let inputs: tf.Tensor[];

beforeAll(() => {
  const random = new RandomStream(3);
  const uniform = (label: string, shape: number[]): tf.Tensor => {
    const values = random.at(label).uniforms(shape.reduce((a, b) => a * b, 1));
    return tf.tensor(
      [...values].map((value) => Math.fround(2 * value - 1)),
      shape,
    );
  };
  start = Object.entries(shapes).map(([name, shape]) => uniform(name, shape));
  variables = Object.keys(shapes).map((name, i) => tf.variable(start[i] as tf.Tensor, true, `composition/${name}`));
  const [kernel1, bias1, kernel2, bias2] = variables as [tf.Variable, tf.Variable, tf.Variable, tf.Variable];
  const perExample = (x: tf.Tensor, y: tf.Tensor): tf.Tensor1D => {
    const hidden = tf.tanh(tf.add(tf.matMul(x, kernel1), bias1));
    return tf.neg(tf.sum(tf.mul(y, tf.logSoftmax(tf.add(tf.matMul(hidden, kernel2), bias2))), 1));
  };
  inputs = Array.from({ length: 4 }, (_, i) => uniform(`x${i}`, [6, 4]));
  inputs.push(tf.tile(tf.eye(3), [2, 1]));
  losses = inputs.slice(0, 4).map((x) => lossOfBatch(perExample, x, inputs[4] as tf.Tensor));
});
afterAll(() => tf.dispose([...variables, ...start, ...inputs]));

const validationLoss = (): tf.Scalar => (losses[3] as LossFunction)();
const made: SharpnessAwareOptimizer[] = [];
afterEach(() => made.splice(0).forEach((optimizer) => optimizer.dispose()));

function create(spec: Spec): SharpnessAwareOptimizer {
  const optimizer = createOptimizer(spec, { totalSteps, validationLoss });
  made.push(optimizer);
  return optimizer;
}

const weights = (): number[][] => variables.map((variable) => Array.from(variable.dataSync()));
const putBack = (to: readonly tf.Tensor[]): void =>
  variables.forEach((variable, i) => variable.assign(to[i] as tf.Tensor));
const step = (optimizer: SharpnessAwareOptimizer, t: number): void =>
  void optimizer.minimize(losses[t % 3] as LossFunction, false, variables);

/** The weights after each step, from the start. */
function run(optimizer: SharpnessAwareOptimizer, from = 0, to = steps): number[][][] {
  if (from === 0) putBack(start);
  return Array.from({ length: to - from }, (_, i) => (step(optimizer, from + i), weights()));
}

/** What a step from here leads to; the weights stay here. */
function tried(optimizer: SharpnessAwareOptimizer, t: number): number[][] {
  const here = variables.map((variable) => variable.clone());
  step(optimizer, t);
  const there = weights();
  putBack(here);
  tf.dispose(here);
  return there;
}

describe.each(pairs)('$gate over $direction', ({ gate, direction }) => {
  const { open, shut, some, asksFirst } = gates[gate] as Gate;
  const inner: Spec = { use: direction, ...directions[direction] };
  const over = (options: Options, base: Spec): Spec => ({ use: gate, ...options, inner, base });
  beforeEach(() => putBack(start));

  it('takes the inner step where it asks, and the step of the base elsewhere, from whatever came before', () => {
    const optimizer = create(over(some, sgd));
    // Is asked on the same steps alone: its moving averages are those of the inner one only if nothing moves them
    // between.
    const alone = create({ ...inner, base: sgd });
    const plain = create(sgd);
    const asked: boolean[] = [];
    for (let t = 0; t < 2 * steps; t++) {
      const base = tried(plain, t);
      const before = variables.map((variable) => variable.clone());
      step(optimizer, t);
      const taken = weights();
      asked.push(optimizer.lastStep.branch === 'sam');
      if (asked[t]) {
        putBack(before);
        step(alone, t);
        expect(weights()).toEqual(taken);
        expect(taken).not.toEqual(base);
        expect(optimizer.lastStep.radius).toBe(alone.lastStep.radius);
      } else {
        expect(taken).toEqual(base);
        expect(optimizer.lastStep.radius).toBeNull();
      }
      tf.dispose(before);
    }
    // Both kinds, and an asked one after one that was not.
    expect(asked.map((each) => (each ? 's' : 'b')).join('')).toMatch(/s.*b.*s/);
  });

  it('is the inner variant where it is open, bit for bit', () => {
    const gated = run(create(over(open, momentum)));
    expect(gated).toEqual(run(create({ ...inner, base: momentum })));
  });

  it('is the base where it is shut, bit for bit', () => {
    const gated = run(create(over(shut, momentum)));
    const alone = asksFirst === 0 ? momentum : { ...inner, end: asksFirst, base: momentum };
    expect(gated).toEqual(run(create(alone)));
  });

  it('holds as many tensors after each step', () => {
    const optimizer = create(over(some, momentum));
    run(optimizer, 0, 3);
    const before = tf.memory().numTensors;
    for (let t = 3; t < 3 + steps; t++) {
      step(optimizer, t);
      expect(tf.memory().numTensors).toBe(before);
    }
  });

  it('is wrapped by LETS, whose radius moves on the steps that perturb', () => {
    const optimizer = create({ use: 'lets', preset: 'robust', inner: over(some, momentum) });
    const rho = optimizer.radius;
    let moved = 0;
    for (let t = 0; t < steps; t++) {
      const last = optimizer.radius;
      step(optimizer, t);
      const { branch, radius } = optimizer.lastStep;
      if (branch === 'sam') expect(radius).toBeCloseTo(last, 6);
      else expect(optimizer.radius).toBe(last);
      if (optimizer.radius !== last) moved++;
    }
    expect(moved).toBeGreaterThanOrEqual(2);
    expect(optimizer.radius).toBeGreaterThan(0);
    expect(optimizer.radius).not.toBe(rho);
  });

  it('goes on from what was saved, bit for bit', async () => {
    const whole = run(create(over(some, momentum)));
    const first = create(over(some, momentum));
    run(first, 0, 4);
    const saved = await first.getWeights();
    const second = create(over(some, momentum));
    await second.setWeights(saved);
    tf.dispose(saved.map(({ tensor }) => tensor));
    expect(run(second, 4)).toEqual(whole.slice(4));
  });
});
