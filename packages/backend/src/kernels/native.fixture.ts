import { expect } from '@jest/globals';
import * as tf from '@tensorflow/tfjs';
import { loadBackend, type BackendName } from '../index.js';

export type Values = readonly number[];

export const valuesOf = (tensor: tf.Tensor): Values => [...tensor.dataSync()];

/** Runs in a `tidy` what returns no tensor. */
export function tidied<T>(run: () => T): T {
  tf.engine().startScope();
  try {
    return run();
  } finally {
    tf.engine().endScope();
  }
}

/** Runs on another backend than the native one. */
export async function on<T>(backend: BackendName, run: () => T): Promise<T> {
  await loadBackend(backend);
  try {
    return run();
  } finally {
    await loadBackend('tensorflow');
  }
}

/** The op names that `run` executes on the native backend. */
export function opsOf(run: () => unknown): string[] {
  const backend = tf.backend() as unknown as Record<string, (...given: unknown[]) => unknown>;
  const names: string[] = [];
  const methods = ['executeSingleOutput', 'executeMultipleOutputs'];
  for (const method of methods) {
    const original = backend[method] as (...given: unknown[]) => unknown;
    backend[method] = (...given) => {
      names.push(given[0] as string);
      return original.apply(backend, given);
    };
  }
  try {
    run();
  } finally {
    for (const method of methods) delete backend[method];
  }
  return names;
}

export function expectClose(actual: Values, expected: Values, tolerance: number): void {
  expect(actual).toHaveLength(expected.length);
  const scale = Math.max(1, ...expected.map(Math.abs));
  expected.forEach((value, i) =>
    expect(Math.abs((actual[i] as number) - value)).toBeLessThanOrEqual(tolerance * scale),
  );
}
