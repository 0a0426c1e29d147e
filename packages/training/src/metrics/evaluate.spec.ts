import type { DataPart, Model } from '@flatmin/core/plugin';
import { encodedPart, table } from '@flatmin/data';
import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { evaluate } from './evaluate.js';

/** The logits are the features themselves. */
function identity(seen: (boolean | undefined)[] = []): Model {
  return {
    description: 'identity',
    variables: [],
    apply: (x, options) => {
      seen.push(options?.training);
      return tf.clone(x) as tf.Tensor2D;
    },
    dispose: () => {},
  };
}

function part(rows: number[][], labels: number[]): DataPart {
  const inputShape = [2];
  const features = Float32Array.from(rows.flat());
  const source = table({ features, labels: Int32Array.from(labels), inputShape, classes: 2 });
  return encodedPart(source, { inputShape, dtype: 'float32', encode: (row, into) => into.set(row) });
}

const rows = [
  [0, Math.log(3)],
  [Math.log(3), 0],
  [0, Math.log(3)],
];

describe('evaluate', () => {
  it('gives mean loss and accuracy, worked by hand', async () => {
    // Shares of the right class: 3/4, 1/4, 3/4; two of three have it largest.
    const { loss, accuracy } = await evaluate(identity(), part(rows, [1, 1, 1]));
    expect(loss).toBeCloseTo((2 * Math.log(4 / 3) + Math.log(4)) / 3, 6);
    expect(accuracy).toBeCloseTo(2 / 3, 6);
  });

  it('weights a smaller last batch by its size', async () => {
    const data = part(rows, [1, 1, 0]);
    const whole = await evaluate(identity(), data);
    const parts = await evaluate(identity(), data, { batchSize: 2 });
    expect(parts.loss).toBeCloseTo(whole.loss, 6);
    expect(parts.accuracy).toBe(whole.accuracy);
  });

  it('case 21: hands answers and targets to scores in the unit of the data', async () => {
    const numbers = {
      async *batches() {
        yield await Promise.resolve({ x: tf.tensor2d([[0], [-1]]), y: tf.tensor1d([1, -2]) });
      },
    };
    const seen: (readonly number[])[] = [];
    const scores = (answers: readonly number[], targets: readonly number[]) => {
      seen.push(answers, targets);
      return { first: answers[0] as number };
    };
    const targetScale = { mean: 100, deviation: 10 };
    const found = await evaluate(identity(), numbers, { task: 'regression', targetScale, scores });
    expect(found).toEqual({
      loss: 1,
      meanAbsoluteError: 10,
      rootMeanSquaredError: 10,
      r2: 1 - 2 / 4.5,
      scores: { first: 100 },
    });
    expect(seen).toEqual([
      [100, 90],
      [110, 80],
    ]);
  });

  it('asks the model for inference', async () => {
    const seen: (boolean | undefined)[] = [];
    await evaluate(identity(seen), part(rows, [1, 1, 1]), { batchSize: 1 });
    expect(seen).toEqual([false, false, false]);
  });

  it('holds one batch at a time, one small tensor of each before it, and leaves nothing behind', async () => {
    const before = tf.memory().numTensors;
    const seen: number[] = [];
    const model: Model = {
      ...identity(),
      apply: (x) => {
        seen.push(tf.memory().numTensors - before);
        return tf.clone(x) as tf.Tensor2D;
      },
    };
    await evaluate(model, part([...rows, ...rows, ...rows], Array<number>(9).fill(1)), { batchSize: 1 });
    expect(seen).toEqual(seen.map((_, i) => (seen[0] as number) + i));
    expect(tf.memory().numTensors).toBe(before);
  });
});
