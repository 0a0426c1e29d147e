import { isFlatminError, lossOfOutputs, type LossFunction, RandomStream } from '@flatmin/core';
import { capture } from '@flatmin/graph';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { createOptimizer, type SharpnessAwareOptimizer, type Spec } from './index.js';
import { optimizerPlugins } from './optimizers.js';

/** Specs drawn at every push, and every night. */
const draws = process.env['FLATMIN_FUZZ'] === 'whole' ? 300 : 40;
const steps = 10;
const context = { totalSteps: steps };

type Options = Readonly<Record<string, unknown>>;
const idsOf = (kind: string, ...but: string[]): string[] =>
  optimizerPlugins.flatMap((plugin) => (plugin.kind === kind && !but.includes(plugin.id) ? [plugin.id] : []));

/** What a plugin needs, or what makes ten steps of it tell more. */
const needed: Readonly<Record<string, Options>> = {
  bsam: { N: 1000 },
  looksam: { k: 3 },
  'ae-looksam': { k: 2 },
  xsam: { searchEvery: 4, rhoMax: 0.1 },
  'schedule-free-sgd': { learningRate: 0.2, warmupSteps: 3 },
  adadelta: { learningRate: 0.5 },
  momentum: { momentum: 0.9 },
  lion: { learningRate: 0.002 },
};
const base = fc
  .constantFrom('sgd', 'momentum', 'adam', 'adamax', 'adagrad', 'adadelta', 'rmsprop', ...idsOf('base'))
  .map((use): Spec => ({ use, learningRate: 0.02, ...needed[use] }));
const variant = fc.constantFrom(...idsOf('variant')).map((use): Spec => ({ use, ...needed[use] }));
const window = fc.constantFrom<Options>({}, { every: 2 }, { start: 2, end: 8 }, { layerScales: 'spectral' });
const gate = fc.constantFrom(undefined, ...idsOf('meta', 'lets'));
const lets = fc.constantFrom<Options | undefined>(undefined, {}, { preset: 'robust', every: 2 }, { groups: 'role' });
const groups = [
  { match: { name: '*dense1*', role: 'kernel' }, learningRate: 0.5, rho: 2 },
  { match: { role: 'normalization' }, rho: 0 },
  { match: { name: '*dense2/bias' }, frozen: true },
  {},
];
const around = fc
  .record({
    centralize: fc.constant(true),
    groups: fc.constant(groups),
    lookahead: fc.constant({ steps: 3, alpha: 0.5 }),
    average: fc.constantFrom({ use: 'ema', decay: 0.8 }, { use: 'swa', start: 3, every: 2 }),
    clipNorm: fc.constant(0.5),
  }, { requiredKeys: [] }); // prettier-ignore

const anySpec = fc
  .tuple(variant, window, gate, lets, base, around)
  .map(([inner, when, gateId, letsOptions, under, more]) => {
    const gated =
      gateId === undefined ? { ...inner, ...when } : { use: gateId, ...needed[gateId], inner: { ...inner, ...when } };
    const whole = letsOptions === undefined ? gated : { use: 'lets', ...letsOptions, inner: gated };
    const { groups: list, ...others } = more;
    // LETS has groups of its own: the list goes to the base of the spec, at the level of what is inside.
    const placed =
      letsOptions === undefined
        ? { ...whole, ...more }
        : { ...whole, ...others, inner: { ...gated, ...(list && { groups: list }) } };
    return { ...placed, base: under } as Spec;
  });

/** A tanh network with normalization, 4-5-3, on three batches of six, and a fourth that is held out. */
const shapes = {
  'dense1/kernel': [4, 5],
  'norm/gamma': [5],
  'norm/beta': [5],
  'dense2/kernel': [5, 3],
  'dense2/bias': [3],
};
let variables: tf.Variable[];
let start: tf.Tensor[];
let batches: tf.Tensor[];
let labels: tf.Tensor;

beforeAll(() => {
  const random = new RandomStream(7);
  const uniform = (label: string, shape: number[]): tf.Tensor =>
    tf.tensor(
      [...random.at(label).uniforms(tf.util.sizeFromShape(shape))].map((value) => Math.fround(2 * value - 1)),
      shape,
    );
  start = Object.entries(shapes).map(([name, shape]) => uniform(name, shape));
  variables = Object.keys(shapes).map((name, i) => tf.variable(start[i] as tf.Tensor, true, `any/${name}`));
  batches = Array.from({ length: 4 }, (_, i) => uniform(`x${i}`, [6, 4]));
  labels = tf.tile(tf.eye(3), [2, 1]);
});
afterAll(() => tf.dispose([...variables, ...start, ...batches, labels]));

function lossOn(x: tf.Tensor, y: tf.Tensor): LossFunction {
  const [kernel1, gamma, beta, kernel2, bias] = variables as unknown as tf.Tensor[];
  const model = (input: tf.Tensor): tf.Tensor => {
    const hidden = tf.matMul(input, kernel1 as tf.Tensor);
    const { mean, variance } = tf.moments(hidden, 1, true);
    const normal = tf.div(tf.sub(hidden, mean), tf.sqrt(tf.add(variance, 1e-3)));
    const active = tf.tanh(tf.add(tf.mul(normal, gamma as tf.Tensor), beta as tf.Tensor));
    return tf.add(tf.matMul(active, kernel2 as tf.Tensor), bias as tf.Tensor);
  };
  const perExample = (logits: tf.Tensor, truth: tf.Tensor): tf.Tensor1D =>
    tf.neg(tf.sum(tf.mul(truth, tf.logSoftmax(logits)), 1));
  return lossOfOutputs(model, perExample, x, y);
}

const batchAt = (t: number): tf.Tensor => batches[t % 3] as tf.Tensor;
const validationLoss = (): tf.Scalar => lossOn(batches[3] as tf.Tensor, labels)();
const create = (spec: Spec): SharpnessAwareOptimizer => createOptimizer(spec, { ...context, validationLoss });
const valuesOf = (tensors: readonly tf.Tensor[]): number[][] => tensors.map((tensor) => Array.from(tensor.dataSync()));
const putBack = (): void => variables.forEach((variable, i) => variable.assign(start[i] as tf.Tensor));
const eagerly = (optimizer: SharpnessAwareOptimizer) => (t: number) =>
  void optimizer.minimize(lossOn(batchAt(t), labels), false, variables);

/** Where steps lead: the weights, and those to evaluate with. */
function after(optimizer: SharpnessAwareOptimizer, step: (t: number) => void, from: number, to: number): number[][] {
  for (let t = from; t < to; t++) step(t);
  const evaluated = optimizer.evaluationWeights() ?? {};
  const values = valuesOf([...variables, ...Object.values(evaluated)]);
  tf.dispose(evaluated);
  return values;
}

/**
 * The run of a spec; undefined where it was refused by name, before it or at the step that shows what does not fit,
 * which then has changed no weight.
 */
function wholeRun(spec: Spec): number[][] | undefined {
  putBack();
  let optimizer: SharpnessAwareOptimizer | undefined;
  let held = valuesOf(variables);
  try {
    optimizer = create(spec);
    const step = eagerly(optimizer);
    let tensors = 0;
    for (let t = 0; t < steps; t++) {
      held = valuesOf(variables);
      step(t);
      if (t === steps - 5) tensors = tf.memory().numTensors;
    }
    expect(tf.memory().numTensors).toBe(tensors);
    expect(valuesOf(variables)).not.toEqual(held);
    return after(optimizer, step, steps, steps);
  } catch (error) {
    if (!isFlatminError(error) || error.code === 'PLUGIN_FAULTY') throw error;
    expect(valuesOf(variables)).toEqual(held);
    return undefined;
  } finally {
    optimizer?.dispose();
  }
}

async function resumedRun(spec: Spec): Promise<number[][]> {
  putBack();
  const first = create(spec);
  after(first, eagerly(first), 0, 5);
  const saved = await first.getWeights();
  const second = create(spec);
  await second.setWeights(saved);
  const values = after(second, eagerly(second), 5, steps);
  first.dispose();
  second.dispose();
  return values;
}

function capturedRun(spec: Spec): { readonly values: number[][]; readonly graphs: number } {
  putBack();
  const optimizer = create(spec);
  const captured = capture(optimizer, (x, y) => lossOn(x, y), [batchAt(0), labels], {
    variables,
    allowConstants: true, // The held-out batch.
  });
  const values = after(optimizer, (t) => captured(batchAt(t), labels).dispose(), 0, steps);
  const { graphs } = captured;
  captured.dispose();
  optimizer.dispose();
  return { values, graphs };
}

/** The largest difference, relative to 1 or more. */
const distance = (a: number[][], b: number[][]): number =>
  Math.max(...a.flatMap((row, i) => row.map((x, j) => Math.abs(x - (b[i]?.[j] as number)) / Math.max(1, Math.abs(x)))));

describe('any variant, gate, LETS and base, with anything around', () => {
  it(`resumes bit for bit, keeps no tensors, and is as a graph what it is eagerly: ${draws} specs`, async () => {
    const refused: Spec[] = [];
    let graphs = 0;
    await fc.assert(
      fc.asyncProperty(anySpec, async (spec) => {
        const before = tf.memory().numTensors;
        const whole = wholeRun(spec);
        if (whole === undefined) return void refused.push(spec);
        expect(await resumedRun(spec)).toEqual(whole);
        if (tf.getBackend() === 'tensorflow') {
          const { values, graphs: made } = capturedRun(spec);
          expect(distance(values, whole)).toBeLessThan(2e-3);
          graphs += made;
        }
        expect(tf.memory().numTensors).toBe(before);
      }),
      { numRuns: draws, seed: 20, endOnFailure: true },
    );
    expect(refused.length).toBeLessThan(draws / 2);
    if (tf.getBackend() === 'tensorflow') expect(graphs).toBeGreaterThan(draws / 4);
  });
});
