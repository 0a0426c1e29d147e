import { lossOfOutputs, RandomStream } from '@flatmin/core';
import type { DataSet, Task } from '@flatmin/core/plugin';
import { sam } from '@flatmin/sam';
import { describe, expect, it, jest } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { Steps } from '../loop/steps.js';
import { trainTiny } from '../loop/tinyRun.fixture.js';
import { withDefaults } from '../settings/trainSettings.js';
import { methodsOf } from './methods.js';
import type { AnyModel } from './task.js';

const classes = 5;
const base = { use: 'sgd', learningRate: 0.5 } as const;

/** Sequences of tokens 3 and 4 (0 fills up), each of its own length. */
function sequences(lengths: readonly number[], width: number, seed: number): tf.Tensor2D {
  const random = new RandomStream(seed);
  const rows = lengths.map((length, i) =>
    [...random.at(`${i}`).uniforms(width)].map((u, j) => (j < length ? 1 + Math.floor(4 * u) : 0)),
  );
  return tf.tensor2d(rows, [lengths.length, width], 'int32');
}

/** A table of logits, by the token that is seen and, in a pair, by how many the source has. */
function tableModel(task: Task) {
  const table = tf.tidy(() => tf.variable(new RandomStream(3).normal([classes, classes])));
  const model = {
    description: 'a table',
    variables: [table],
    apply: (x: tf.Tensor, { target = x }: { target?: tf.Tensor } = {}) => {
      const oneHot = tf.cast(tf.oneHot(target as tf.Tensor1D, classes), 'float32');
      const [rows = 0, width = 0] = target.shape;
      return tf.reshape(tf.matMul(tf.reshape(oneHot, [-1, classes]), table), [rows, width, classes]);
    },
    dispose: () => table.dispose(),
  } as unknown as AnyModel;
  const dataset = { id: 'tokens', task, inputShape: [4], classes } as unknown as DataSet;
  return { model, table, dataset };
}

/** Loss and weights after a step of training on a batch. */
async function step(task: Task, x: tf.Tensor, y: tf.Tensor, settings: object) {
  const { model, table, dataset } = tableModel(task);
  const optimizer = sam({ rho: 0.05, base, ...settings });
  const regularizer = (): tf.Scalar => tf.mul(0.01, tf.sum(tf.square(table)));
  const given = { model, dataset, optimizer, regularizer, labelSmoothing: 0.1, eager: true, epochs: 1, batchSize: 1 };
  const steps = new Steps(withDefaults(given));
  const loss = (await steps.take(x, y)) as tf.Scalar;
  const found = [loss.dataSync()[0] as number, ...table.dataSync()];
  tf.dispose([loss, table]);
  optimizer.dispose();
  return found;
}

function expectClose(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, i) => expect(Math.abs(value - (expected[i] as number))).toBeLessThan(5e-6 * (1 + Math.abs(value)))); // prettier-ignore
}

describe.each(['language-modelling', 'sequence-to-sequence'] as const)('%s in parts', (task) => {
  const batchOf = (lengths: readonly number[], seed: number): tf.Tensor2D[] => [
    sequences(lengths, 4, seed),
    sequences(lengths, 4, seed + 1),
  ];

  it('case 3: a step in micro-batches is that of the whole batch, whatever the lengths', async () => {
    const lengths = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 9 });
    await fc.assert(
      fc.asyncProperty(lengths, fc.integer({ min: 2, max: 10 }), fc.nat(1e6), async (rows, accumulate, seed) => {
        const [x, y] = batchOf(rows, seed) as [tf.Tensor2D, tf.Tensor2D];
        expectClose(await step(task, x, y, { accumulate }), await step(task, x, y, {}));
        expectClose(await step(task, x, y, { microBatches: accumulate, rho: 0 }), await step(task, x, y, { rho: 0 }));
        tf.dispose([x, y]);
      }),
      { numRuns: 8 },
    );
  });

  it('case 3: tokens are counted again in a step that is replayed as a graph', async () => {
    const weights = async (eager: boolean): Promise<number[]> => {
      const { model, table, dataset } = tableModel(task);
      const optimizer = sam({ rho: 0.05, base, accumulate: 2 });
      const warn = jest.spyOn(optimizer.setup.logger, 'warn');
      const steps = new Steps(withDefaults({ model, dataset, optimizer, eager, epochs: 1, batchSize: 3 }));
      for (const lengths of [
        [4, 3, 2],
        [2, 4, 2],
        [4, 4, 2],
        [2, 2, 4],
        [4, 2, 2],
      ]) {
        const [x, y] = batchOf(lengths, lengths[1] as number) as [tf.Tensor2D, tf.Tensor2D];
        const loss = await steps.take(x, y);
        tf.dispose([x, y, ...(loss ? [loss] : [])]);
      }
      const found = [...table.dataSync()];
      expect(warn).not.toHaveBeenCalled();
      warn.mockRestore();
      steps.dispose();
      tf.dispose(table);
      optimizer.dispose();
      return found;
    };
    expectClose(await weights(false), await weights(true));
  });

  it('case 3: a mean over tokens weighs its parts by tokens', () => {
    tf.tidy(() => {
      const methods = methodsOf(task);
      const settings = { classes, labelSmoothing: 0 };
      const { model, table } = tableModel(task);
      const y = tf.tensor2d([[3, 4, 1, 2], [2, 3, 0, 0], [4, 0, 0, 0]], undefined, 'int32'); // prettier-ignore
      const loss = lossOfOutputs(
        (a: tf.Tensor, b: tf.Tensor) => methods.outputs(model, a, b, true),
        (outputs, b) => methods.perExample(outputs, b, settings),
        y as tf.Tensor,
        methods.encode(y, settings),
        undefined,
        methods.weight,
      );
      const weights = loss.split(3).map((part) => (part.weight?.() as tf.Scalar).dataSync()[0]);
      // A decoder is not asked for the first token.
      expect(weights).toEqual(task === 'language-modelling' ? [4, 2, 1] : [3, 1, 0]);
      table.dispose();
    });
  });
});

describe('train', () => {
  it('case 14: goes through a last batch of fewer examples than parts', async () => {
    // 36 examples, so that the last batch of 7 has one.
    const trained = async (settings: object): Promise<readonly number[]> => {
      const optimizer = sam({ rho: 0.1, base, ...settings });
      const { weights } = await trainTiny({ batchSize: 7, epochs: 2, optimizer });
      optimizer.dispose();
      return weights.flat();
    };
    const right = await trained({ microBatches: 7 });
    for (const settings of [
      { microBatches: 8 },
      { microBatches: 7, accumulate: 3 },
      { microBatches: 9, accumulate: 9 },
    ]) {
      expectClose(await trained(settings), right);
    }
  });
});
