import { lossOfBatch, type LossFunction, RandomStream } from '@flatmin/core';
import type { Model } from '@flatmin/core/plugin';
import { capture } from '@flatmin/graph';
import { sam } from '@flatmin/sam';
import { expect } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { valuesOf } from './testing.fixture.js';

type Labeled = [x: tf.Tensor, y: tf.Tensor];

/** A model under test and the batches it sees. */
export interface Subject {
  create(): Model;
  readonly inputShape: readonly number[];
  readonly classes: number;
  /** Default normal numbers. */
  readonly examples?: (random: RandomStream, size: number) => tf.Tensor;
  /** Instead of a classifier of normal images: other batches, and how the model makes logits of one. */
  readonly task?: {
    readonly batch: (seed: number, size: number) => Labeled;
    readonly logits: (model: Model, batch: Labeled, training: boolean) => tf.Tensor;
    readonly perExample: (logits: tf.Tensor, y: tf.Tensor) => tf.Tensor1D;
  };
}

const normal = (inputShape: readonly number[]) => (random: RandomStream, size: number) =>
  random.normal([size, ...inputShape]);

const classification = ({
  inputShape,
  classes,
  examples = normal(inputShape),
}: Subject): Required<Subject>['task'] => ({
  batch: (seed, size) => {
    const labels = Array.from({ length: size * classes }, (_, i) => ((i % classes) === Math.floor(i / classes) % classes ? 1 : 0)); // prettier-ignore
    return [examples(new RandomStream(seed), size), tf.tensor2d(labels, [size, classes])];
  },
  logits: (model, [x], training) => model.apply(x, { training }),
  perExample: (logits, oneHot) => tf.neg(tf.sum(tf.mul(oneHot, tf.logSoftmax(logits)), 1)),
});

const taskOf = (subject: Subject) => subject.task ?? classification(subject);

function lossOf(subject: Subject, model: Model, [x, y]: Labeled): LossFunction {
  const task = taskOf(subject);
  return lossOfBatch((...batch) => task.perExample(task.logits(model, batch, true), batch[1]), x, y);
}

const trained = (model: Model): tf.Variable[] => model.variables.filter(({ trainable }) => trainable);

/**
 * The slope of the loss along directions, by its gradient and by central differences: along the gradient, and at
 * random.
 */
export function checkGradients(subject: Subject, step = 1e-3, tolerance = 0.02): void {
  tf.tidy(() => {
    const model = subject.create();
    const variables = trained(model);
    const loss = lossOf(subject, model, taskOf(subject).batch(5, 8));
    const { grads } = tf.variableGrads(() => loss(), variables);
    const gradient = variables.map(({ name }) => grads[name] as tf.Tensor);
    const starts = variables.map((variable) => tf.clone(variable as tf.Tensor));
    const at = (direction: readonly tf.Tensor[], distance: number): number => {
      variables.forEach((v, i) =>
        v.assign(tf.add(starts[i] as tf.Tensor, tf.mul(direction[i] as tf.Tensor, distance))),
      );
      return valuesOf(loss())[0] as number;
    };
    const norm = (vector: readonly tf.Tensor[]) =>
      Math.sqrt(vector.reduce((sum, each) => sum + (valuesOf(tf.sum(tf.square(each)))[0] as number), 0));
    const length = norm(gradient);
    const stream = new RandomStream(9);
    // Each tensor of the gradient with a sign of its own, so that an error in one cannot hide behind the others.
    const signed = (k: number) =>
      gradient.map((g, i) => tf.mul(g, (stream.at(k).at(i).uniforms(1)[0] as number) < 0.5 ? -1 : 1));
    for (const direction of [gradient, signed(0), signed(1), signed(2), signed(3)]) {
      const unit = direction.map((each) => tf.div(each, length));
      const slope = unit.reduce((sum, each, i) => sum + (valuesOf(tf.sum(tf.mul(each, gradient[i] as tf.Tensor)))[0] as number), 0); // prettier-ignore
      const difference = (at(unit, step) - at(unit, -step)) / (2 * step);
      expect(Math.abs(difference - slope)).toBeLessThan(tolerance * length);
    }
    expect(length).toBeGreaterThan(0.01);
  });
}

/**
 * A rebuilt model has the same names, starts from other numbers, and computes the same once they are given back by
 * name.
 */
export function checkSaving(subject: Subject, other: () => Model): void {
  tf.tidy(() => {
    const { batch, logits } = taskOf(subject);
    const given = batch(6, 4);
    const first = subject.create();
    logits(first, given, true);
    const saved = new Map(first.variables.map((variable) => [variable.name, tf.clone(variable as tf.Tensor)]));
    const outputs = valuesOf(logits(first, given, false));
    first.dispose();
    const second = other();
    expect(valuesOf(logits(second, given, false))).not.toEqual(outputs);
    expect(second.variables.map(({ name }) => name)).toEqual([...saved.keys()]);
    for (const variable of second.variables) variable.assign(saved.get(variable.name) as tf.Tensor);
    expect(valuesOf(logits(second, given, false))).toEqual(outputs);
    second.dispose();
  });
}

/** Steps of SAM with momentum, eager and captured as graphs, lead to the same weights and statistics. */
export function checkCaptured(subject: Subject, steps = 4): void {
  const run = (asGraph: boolean): { values: number[]; change: number; graphs: number } => {
    const model = subject.create();
    const variables = trained(model);
    const before = model.variables.flatMap(valuesOf);
    const optimizer = sam({ rho: 0.05, base: { use: 'momentum', learningRate: 0.02, momentum: 0.9 } });
    const batches = [1, 2].map((seed) => taskOf(subject).batch(seed, 4));
    const captured = asGraph
      ? capture<Labeled>(optimizer, (...batch) => lossOf(subject, model, batch), batches[0] as Labeled, { variables })
      : undefined;
    for (let t = 0; t < steps; t++) {
      const batch = batches[t % 2] as Labeled;
      const loss = captured?.(...batch) ?? optimizer.minimize(lossOf(subject, model, batch), true, variables);
      loss?.dispose();
    }
    const values = model.variables.flatMap(valuesOf);
    const change = distance(values, before);
    const graphs = captured?.graphs ?? 0;
    captured?.dispose();
    optimizer.dispose();
    model.dispose();
    tf.dispose(batches);
    return { values, change, graphs };
  };
  const tensors = tf.memory().numTensors;
  const [eager, graph] = [run(false), run(true)];
  expect(graph.graphs).toBe(1);
  expect(eager.change).toBeGreaterThan(1e-3);
  expect(distance(graph.values, eager.values)).toBeLessThan(1e-3 * eager.change);
  expect(tf.memory().numTensors).toBe(tensors);
}

function distance(a: readonly number[], b: readonly number[]): number {
  return Math.sqrt(a.reduce((sum, value, i) => sum + (value - (b[i] as number)) ** 2, 0));
}

const noNumbers = (size: number) => new Float64Array(size);
/** A stream that draws zeros at no cost: for counting weights. */
export const zeros = { at: () => zeros, normals: noNumbers, uniforms: noNumbers } as unknown as RandomStream;

/** The number of weights that training moves. */
export function trainedWeights(model: Model): number {
  return trained(model).reduce((sum, { size }) => sum + size, 0);
}
