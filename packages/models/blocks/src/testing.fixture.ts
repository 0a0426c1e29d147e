import { RandomStream } from '@flatmin/core';
import type { Model, ModelContext, Vocabulary } from '@flatmin/core/plugin';
import { afterEach, beforeEach, expect } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { type Weights, weightsOf } from './weights.js';

/** True where the backend cannot train convolutions. */
export const onWasm = process.env['FLATMIN_BACKEND'] === 'wasm';
/** True where the tests run on the native backend. */
export const onNative = process.env['FLATMIN_BACKEND'] === undefined || process.env['FLATMIN_BACKEND'] === 'tensorflow';

const made: { dispose(): void }[] = [];

/** Has what a test made disposed by {@link disposeAll}. */
export function living<T extends { dispose(): void }>(each: T): T {
  made.push(each);
  return each;
}

/** The variables of a layer under test, disposed by {@link disposeAll}. */
export function freshWeights(seed = 1, id = 'layer'): Weights {
  return living(weightsOf(id, new RandomStream(seed)));
}

export function disposeAll(): void {
  for (const each of made.splice(0)) each.dispose();
}

/**
 * Disposes what each test of this file made, and sees that no tensor is left.
 *
 * @param isScoped whether a test runs in a scope of its own; without one, what the code under test forgets is seen too.
 */
export function leaveNothing({ isScoped = true } = {}): void {
  let tensors = 0;
  beforeEach(() => {
    tensors = tf.memory().numTensors;
    if (isScoped) tf.engine().startScope();
  });
  afterEach(() => {
    disposeAll();
    if (isScoped) tf.engine().endScope();
    expect(tf.memory().numTensors).toBe(tensors);
  });
}

/** What a classifier must fit. */
export const contextOf = (
  inputShape: readonly number[],
  classes: number,
  random = new RandomStream(1),
): ModelContext => ({
  inputShape,
  classes,
  random,
});

/** A vocabulary of so many tokens, of which nothing but their number counts. */
export const vocabularyOf = (size: number): Vocabulary => ({ size, tokens: [], idOf: () => 3 });

/** Each variable gets normal numbers of its own, gamma around 1: so that no part of the network is idle. */
export function shake<M extends Pick<Model, 'variables'>>(model: M, scale = 0.4, seed = 0): M {
  model.variables.forEach((variable, i) => {
    tf.tidy(() => {
      const noise = tf.mul(new RandomStream(seed + i).normal(variable.shape), scale);
      variable.assign(variable.name.endsWith('gamma') ? tf.add(noise, 1) : noise);
    });
  });
  return model;
}

/** The values of a variable of a model by the end of its name. */
export const valueOf =
  (model: Pick<Model, 'variables'>) =>
  (name: string): number[] =>
    valuesOf(model.variables.find((variable) => variable.name.endsWith(name)) as tf.Variable);

/** Gives variables values by the end of their names. */
export function assign(weights: Weights, values: Readonly<Record<string, readonly number[]>>): void {
  for (const [name, numbers] of Object.entries(values)) {
    const variable = weights.all.find((each) => each.name.endsWith(name)) as tf.Variable;
    tf.tidy(() => variable.assign(tf.tensor([...numbers], variable.shape, 'float32')));
  }
}

export const valuesOf = (tensor: tf.Tensor): number[] => [...tensor.dataSync()];

export function expectClose(
  actual: tf.Tensor | readonly number[],
  expected: readonly number[],
  tolerance = 1e-5,
): void {
  const values = actual instanceof tf.Tensor ? valuesOf(actual) : actual;
  expect(values).toHaveLength(expected.length);
  const scale = Math.max(1, ...expected.map(Math.abs));
  values.forEach((value, i) =>
    expect(Math.abs(value - (expected[i] as number))).toBeLessThanOrEqual(tolerance * scale),
  );
}

/** How many ops `run` executes on the native backend. */
export function opsOf(run: () => unknown): number {
  const backend = tf.backend() as unknown as Record<string, (...given: unknown[]) => unknown>;
  let count = 0;
  const methods = ['executeSingleOutput', 'executeMultipleOutputs'];
  for (const method of methods) {
    const original = backend[method] as (...given: unknown[]) => unknown;
    backend[method] = (...given) => (count++, original.apply(backend, given));
  }
  try {
    tf.tidy(() => void run());
  } finally {
    for (const method of methods) delete backend[method];
  }
  return count;
}
