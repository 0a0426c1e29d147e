import { RandomStream } from '@flatmin/core';
import type { DataSet, RegressionDataSet } from '@flatmin/core/plugin';
import { sam } from '@flatmin/sam';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { evaluate } from '../metrics/evaluate.js';
import { train } from '../loop/train.js';
import { methodsOf } from './methods.js';
import type { AnyModel } from './task.js';

const values = (tensor: tf.Tensor): number[] => [...tensor.dataSync()];
const near = (actual: readonly number[], expected: readonly number[]): void => {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, i) => expect(value).toBeCloseTo(expected[i] as number, 5));
};
const settings = (classes: number, labelSmoothing = 0) => ({ classes, labelSmoothing });

let tensors = 0;
beforeEach(() => {
  tensors = tf.memory().numTensors;
  tf.engine().startScope();
});
afterEach(() => {
  tf.engine().endScope();
  expect(tf.memory().numTensors).toBe(tensors);
});

/** Logits whose softmax is 1/8, 2/8, 5/8. */
const row = [0, Math.log(2), Math.log(5)];
const [eighth, quarter, rest] = [Math.log(8), Math.log(4), Math.log(8 / 5)];

describe('classification', () => {
  const task = methodsOf('classification');

  it('smooths targets as PyTorch does: (1 - s) of the class, s of the mean over all classes', () => {
    const target = task.encode(tf.tensor1d([2, 0], 'int32'), settings(3, 0.3));
    near(values(target), [0.1, 0.1, 0.8, 0.8, 0.1, 0.1]);
    const mean = (eighth + quarter + rest) / 3;
    near(values(task.perExample(tf.tensor2d([row, row]), target, settings(3, 0.3))), [
      0.7 * rest + 0.3 * mean,
      0.7 * eighth + 0.3 * mean,
    ]);
  });
});

describe('regression', () => {
  const task = methodsOf('regression');

  it('has the squared error as loss, and reports it with the absolute one', () => {
    const [outputs, y] = [tf.tensor2d([[1], [2], [-1]]), tf.tensor1d([1, 0.5, 1])];
    near(values(task.perExample(outputs, task.encode(y, settings(1)), settings(1))), [0, 2.25, 4]);
    const { r2, ...metrics } = task.metrics([values(task.sums(outputs, y))]);
    expect(metrics).toEqual({
      loss: 6.25 / 3,
      meanAbsoluteError: 3.5 / 3,
      rootMeanSquaredError: Math.sqrt(6.25 / 3),
    });
    // The targets are 5/6 on average: their squared differences from it are 1/36, 4/36 and 1/36.
    expect(r2).toBeCloseTo(1 - 6.25 * 6, 4);
  });

  it('case 21: reports errors in the unit of the data, and the loss as it is trained', () => {
    const scale = { mean: 152, deviation: 77 };
    const [outputs, y] = [tf.tensor2d([[1], [2], [-1]]), tf.tensor1d([1, 0.5, 1])];
    const { loss, meanAbsoluteError, rootMeanSquaredError, r2 } = task.metrics([values(task.sums(outputs, y))], scale);
    // In the unit of the data: answers 229, 306, 75 and targets 229, 190.5, 229.
    near(
      [loss, meanAbsoluteError ?? 0, rootMeanSquaredError ?? 0, r2 ?? 0],
      [6.25 / 3, (115.5 + 154) / 3, Math.sqrt((115.5 ** 2 + 154 ** 2) / 3), -36.5],
    );
  });

  it('case 21: has the same r2 in any batches, also of targets that differ little beside their size', () => {
    const targets = [2_000_001, 2_000_003, 2_000_002, 2_000_006, 2_000_008];
    const answers = targets.map((target, i) => target + (i % 2 ? 1 : 0));
    const batch = (from: number, to: number) =>
      values(task.sums(tf.tensor2d(answers.slice(from, to), [to - from, 1]), tf.tensor1d(targets.slice(from, to))));
    // The mean is 2000004: squares 9 + 1 + 4 + 4 + 16; two answers are off by 1.
    for (const batches of [[batch(0, 5)], [batch(0, 2), batch(2, 5)], [batch(0, 1), batch(1, 4), batch(4, 5)]]) {
      near([task.metrics(batches).r2 ?? 0], [1 - 2 / 34]);
    }
    expect(task.metrics([values(task.sums(tf.ones([2, 1]), tf.ones([2])))])).not.toHaveProperty('r2');
  });
});

describe('language modelling', () => {
  const task = methodsOf('language-modelling');
  // The second sequence has one token, and is filled up.
  const ids = tf.tidy(() => tf.keep(tf.tensor2d([[1, 2], [1, 0]], undefined, 'int32'))); // prettier-ignore
  const logits = tf.tidy(() => tf.keep(tf.tensor3d([[row, row], [row, row]]))); // prettier-ignore

  it('gives losses whose mean is that over the tokens, without those that fill up', () => {
    const losses = values(task.perExample(logits, ids, settings(3)));
    near(losses, [(2 / 3) * (quarter + rest), (2 / 3) * quarter]);
    expect((losses[0] as number) / 2 + (losses[1] as number) / 2).toBeCloseTo((2 * quarter + rest) / 3, 5);
  });

  it('reports perplexity and the share of tokens that are right', () => {
    const { loss, accuracy, perplexity } = task.metrics([values(task.sums(logits, ids))]);
    near([loss, accuracy ?? 0, perplexity ?? 0], [(2 * quarter + rest) / 3, 1 / 3, (4 * 4 * 1.6) ** (1 / 3)]);
  });
});

describe('sequence to sequence', () => {
  const task = methodsOf('sequence-to-sequence');

  it('shows the decoder all but the last token, and asks for all but the first', () => {
    const seen: number[][] = [];
    const model = {
      apply: (_: tf.Tensor, { target }: { target: tf.Tensor }) => {
        seen.push(values(target));
        return tf.tile(tf.tensor3d([[row]]), [1, 2, 1]);
      },
    } as unknown as AnyModel;
    const y = tf.tensor2d([[1, 2, 0]], undefined, 'int32');
    const outputs = task.outputs(model, tf.zeros([1, 1]), y, true);
    expect(seen).toEqual([[1, 2]]);
    near(values(task.perExample(outputs, y, settings(3))), [rest]);
    near(values(task.sums(outputs, y)), [1, rest, 1]);
  });
});

/** x and y = 2 x1 - x2 in one batch, over and over. */
function line(): RegressionDataSet {
  const x = new RandomStream(3).normals(32);
  const part = {
    size: 16,
    async *batches() {
      const targets = Float32Array.from({ length: 16 }, (_, i) => 2 * (x[2 * i] as number) - (x[2 * i + 1] as number));
      yield { x: tf.tensor2d(Float32Array.from(x), [16, 2]), y: tf.tensor1d(targets) };
    },
  };
  const scores = (answers: readonly number[], targets: readonly number[]) => ({
    worst: Math.max(...answers.map((answer, i) => Math.abs(answer - (targets[i] as number)))),
  });
  return {
    id: 'line',
    task: 'regression',
    inputShape: [2],
    classes: 1,
    train: part,
    validation: part,
    test: part,
    scores,
  };
}

describe('train', () => {
  it('fits a line with SAM, step by step what one would write by hand', async () => {
    const dataset: DataSet = line();
    const learned = async (byHand: boolean): Promise<{ weights: number[]; worst: number | undefined }> => {
      const w = tf.variable(tf.zeros([2, 1]));
      const model = { description: 'line', variables: [w], apply: (x: tf.Tensor) => tf.matMul(x, w), dispose: () => w.dispose() } as unknown as AnyModel; // prettier-ignore
      const optimizer = sam({ rho: 0.05, base: { use: 'sgd', learningRate: 0.05 } });
      let worst: number | undefined;
      if (byHand) {
        for (let t = 0; t < 40; t++) {
          for await (const { x, y } of line().train.batches({ batchSize: 16 })) {
            const error = () => tf.sub(tf.reshape(model.apply(x), [-1]), y);
            tf.tidy(() => void optimizer.minimize(() => tf.mean(tf.square(error())), false, [w]));
            tf.dispose([x, y]);
          }
        }
      } else {
        const { history } = await train({ dataset, model, optimizer, epochs: 40, batchSize: 16, eager: true });
        worst = history.at(-1)?.test?.scores?.['worst'];
        const judged = await evaluate(model, dataset.test, { task: 'regression' });
        expect(history.at(-1)?.test?.loss).toBe(judged.loss);
        expect(judged).not.toHaveProperty('scores');
      }
      const weights = values(w);
      optimizer.dispose();
      model.dispose();
      return { weights, worst };
    };
    const ours = await learned(false);
    near(ours.weights, (await learned(true)).weights);
    expect(Math.abs((ours.weights[0] as number) - 2)).toBeLessThan(0.2);
    expect(ours.worst).toBeLessThan(0.5);
  });

  it('refuses label smoothing where there are no labels', async () => {
    const nothing = { model: {} as AnyModel, optimizer: {} as never, epochs: 1, batchSize: 1 };
    await expect(train({ ...nothing, dataset: line(), labelSmoothing: 0.1 })).rejects.toThrow(
      /labelSmoothing.*regression/,
    );
    // 1 would leave the label no share: out of range for any task.
    await expect(train({ ...nothing, dataset: line(), labelSmoothing: 1 })).rejects.toThrow(
      /labelSmoothing: is out of range \(got 1\).*below 1/,
    );
  });
});
