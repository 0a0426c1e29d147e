import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createContainer, type SharpnessAwareOptimizer, type Spec } from '@flatmin/core';
import { lets } from '@flatmin/lets';
import { sam } from '@flatmin/sam';
import * as tf from '@tensorflow/tfjs-core';

const width = 96;
const layers = 4;
/** One example: what its layers hold is little beside the weights. */
let x: tf.Tensor2D;
let variables: tf.Variable[];
let copy = 0;
beforeAll(() => {
  x = tf.randomNormal([1, width], 0, 1, 'float32', 1);
  variables = [...Array(layers).keys()].map((i) =>
    tf.tidy(() => tf.variable(tf.randomNormal([width, width], 0, 0.1, 'float32', i + 2))),
  );
  copy = 4 * variables.reduce((sum, { size }) => sum + size, 0);
});
afterAll(() => tf.dispose([x, ...variables]));

const loss = (): tf.Scalar =>
  tf.mean(tf.square(variables.reduce<tf.Tensor>((h, w) => tf.tanh(tf.matMul(h as tf.Tensor2D, w as tf.Tensor2D)), x)));

/**
 * The most bytes of tensors alive at a time while `run` runs, beyond those before it. `tf.memory().numBytes` counts
 * tensors that share their data once each; here every piece of data counts once, when TF.js begins and ceases to know
 * it.
 */
function peakBytes(run: () => void): number {
  const known = tf.engine().state.tensorInfo as WeakMap<object, { readonly shape: readonly number[] }>;
  const alive = new Map<object, number>();
  let bytes = 0;
  let most = 0;
  const set = known.set.bind(known);
  const remove = known.delete.bind(known);
  known.set = (data, info) => {
    const size = 4 * tf.util.sizeFromShape([...info.shape]);
    bytes += size - (alive.get(data) ?? 0);
    alive.set(data, size);
    most = Math.max(most, bytes);
    return set(data, info);
  };
  known.delete = (data) => {
    bytes -= alive.get(data) ?? sizeBefore(known, data);
    alive.delete(data);
    return remove(data);
  };
  try {
    run();
  } finally {
    Reflect.deleteProperty(known, 'set');
    Reflect.deleteProperty(known, 'delete');
  }
  return most;
}

function sizeBefore(known: WeakMap<object, { readonly shape: readonly number[] }>, data: object): number {
  return 4 * tf.util.sizeFromShape([...(known.get(data)?.shape ?? [0])]);
}

/**
 * The copies of the weights that a step holds at its peak beyond the weights themselves and what the optimizer keeps.
 */
function copiesOf(optimizer: SharpnessAwareOptimizer): number {
  try {
    const step = (): void => void optimizer.minimize(loss, false, variables);
    for (let warmUp = 0; warmUp < 2; warmUp++) step();
    return peakBytes(step) / copy;
  } finally {
    optimizer.dispose();
  }
}

describe.each<Spec>([
  { use: 'sgd', learningRate: 0.01 },
  { use: 'momentum', learningRate: 0.01, momentum: 0.9 },
  { use: 'adam', learningRate: 0.01 },
])('the memory of a step with $use', (base) => {
  // Scalars and what the layers hold; on wasm TF.js copies what a pass keeps of the weights for its gradient.
  const allowance = (): number => 0.1 + (tf.getBackend() === 'wasm' ? 1 : 0);
  let plain = 0;
  beforeAll(() => {
    plain = copiesOf(createContainer({ plugins: [] }).createOptimizer(base));
  });

  it('is at most two copies of the weights more with SAM', () => {
    expect(plain).toBeGreaterThan(1);
    expect(copiesOf(sam({ rho: 0.05, base })) - plain).toBeLessThanOrEqual(2 + allowance());
  });

  it('is at most four copies more with LETS, robust: z is one of them', () => {
    const robust = lets(sam({ rho: 0.05, base }), { preset: 'robust', validationLoss: loss });
    expect(copiesOf(robust) + 1 - plain).toBeLessThanOrEqual(4 + allowance());
  });
});
