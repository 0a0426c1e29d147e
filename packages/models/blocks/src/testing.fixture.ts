import { RandomStream } from '@flatmin/core';
import { expect } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { type Weights, weightsOf } from './weights.js';

/** True where the backend cannot train convolutions. */
export const onWasm = process.env['FLATMIN_BACKEND'] === 'wasm';
/** True where the tests run on the native backend. */
export const onNative = process.env['FLATMIN_BACKEND'] === undefined || process.env['FLATMIN_BACKEND'] === 'tensorflow';

const made: { dispose(): void }[] = [];

/** The variables of a layer under test, disposed by {@link disposeAll}. */
export function freshWeights(seed = 1, id = 'layer'): Weights {
  const weights = weightsOf(id, new RandomStream(seed));
  made.push(weights);
  return weights;
}

export function disposeAll(): void {
  for (const each of made.splice(0)) each.dispose();
}

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
