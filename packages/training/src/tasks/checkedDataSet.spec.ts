import { RandomStream } from '@flatmin/core';
import type { Batch, DataPart, DataSet } from '@flatmin/core/plugin';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { tinyDataSet, trainTiny } from '../loop/tinyRun.fixture.js';
import { evaluate } from '../metrics/evaluate.js';
import { checkedDataSet } from './checkedDataSet.js';

let tensors = 0;
beforeEach(() => {
  tensors = tf.memory().numTensors;
});
afterEach(() => expect(tf.memory().numTensors).toBe(tensors));

/** The tiny data set with another part in the place of one of its own. */
function withPart(name: 'train' | 'validation' | 'test', spoil: (batch: Batch, index: number) => Iterable<Batch>) {
  const dataset = tinyDataSet();
  const part: DataPart = {
    size: dataset[name].size,
    async *batches(options) {
      let index = 0;
      for await (const batch of dataset[name].batches(options)) {
        for (const each of spoil(batch, index++)) yield each;
      }
    },
  };
  return { ...dataset, [name]: part };
}

const relabelled =
  (label: number, where = 0) =>
  ({ x, y }: Batch, index: number): Batch[] => {
    if (index !== where) return [{ x, y }];
    const labels = [...y.dataSync()];
    y.dispose();
    return [{ x, y: tf.tensor1d([...labels.slice(0, -1), label], 'int32') }];
  };
const dropped = ({ x, y }: Batch): Batch[] => {
  tf.dispose([x, y]);
  return [];
};
function* twice({ x, y }: Batch): Generator<Batch> {
  const again = { x: x.clone(), y: y.clone() };
  try {
    yield { x, y };
    yield { x: again.x.clone(), y: again.y.clone() };
  } finally {
    tf.dispose([again.x, again.y]);
  }
}

describe('checkedDataSet', () => {
  it.each<[string, 'train' | 'validation' | 'test', (batch: Batch, index: number) => Iterable<Batch>, RegExp]>([
    ['a class of 99 of 3', 'train', relabelled(99), /tiny, train: a class in y of a batch is 99, .*from 0 to 2/],
    ['a class of -1 late in the epoch', 'train', relabelled(-1, 3), /tiny, train: a class in y of a batch is -1/],
    ['a class of 3 of 3 in test', 'test', relabelled(3), /tiny, test: a class in y of a batch is 3/],
    ['a part that gives nothing', 'train', dropped, /tiny, train: it gave 0 examples, and its size promises 36/],
    ['a part for evaluation that gives nothing', 'test', dropped, /tiny, test: it gave 0 examples/],
    ['a part that gives too much', 'train', twice, /tiny, train: it gave more than the 36 examples/],
  ])('case 34: refuses %s, in train', async (_, name, spoil, message) => {
    for (const dryRun of [true, false]) {
      const run = trainTiny({ dataset: withPart(name, spoil), dryRun });
      await expect(run).rejects.toMatchObject({ code: 'DATA_INVALID', message: expect.stringMatching(message) });
    }
  });

  it('case 34: refuses targets of a regression that are not finite, and ids outside the vocabulary', async () => {
    const part = (x: () => tf.Tensor, y: () => tf.Tensor): DataPart<tf.Tensor> => ({
      size: 2,
      async *batches() {
        yield await Promise.resolve({ x: x(), y: y() });
      },
    });
    const empty = part(
      () => tf.zeros([0]),
      () => tf.zeros([0]),
    ); // Never read.
    const read = async (of: object): Promise<void> => {
      for await (const batch of checkedDataSet({
        id: 'mine',
        validation: empty,
        test: empty,
        ...of,
      } as DataSet).train.batches({ batchSize: 2 })) {
        tf.dispose([batch.x, batch.y]);
      }
    };
    const numbers = (target: number) => ({
      task: 'regression',
      inputShape: [1],
      classes: 1,
      train: part(
        () => tf.zeros([2, 1]),
        () => tf.tensor1d([0, target]),
      ),
    });
    await read(numbers(1));
    await expect(read(numbers(NaN))).rejects.toThrow(/mine, train: a target of a batch is NaN/);
    const text = (id: number) => ({
      task: 'classification',
      inputShape: [2],
      classes: 2,
      vocabulary: { size: 5, tokens: [], idOf: () => 3 },
      train: part(
        () => tf.tensor2d([0, 1, 2, id], [2, 2], 'int32'),
        () => tf.tensor1d([0, 1], 'int32'),
      ),
    });
    await read(text(4));
    await expect(read(text(5))).rejects.toThrow(/an id in x of a batch is 5, .*from 0 to 4/);
  });

  it('reads values in the first pass over a part alone, and passes batches on as they are', async () => {
    const dataset = tinyDataSet();
    const held = checkedDataSet(dataset);
    expect(checkedDataSet(held)).toBe(held);
    const shuffle = new RandomStream(1);
    const labels: number[][] = [];
    for (const [each, dropRemainder] of [
      [held, false],
      [held, true],
      [dataset, false],
    ] as const) {
      const found: number[] = [];
      for await (const { x, y } of each.train.batches({ batchSize: 8, shuffle, dropRemainder })) {
        found.push(...y.dataSync());
        tf.dispose([x, y]);
      }
      labels.push(found);
    }
    expect(labels[0]).toHaveLength(36);
    expect(labels[1]).toEqual(labels[0]?.slice(0, 32));
    expect(labels[2]).toEqual(labels[0]);
    for await (const { x, y } of held.train.batches({ batchSize: 8 })) {
      tf.dispose([x, y]);
      break; // Leaving early is not a missing example.
    }
  });

  it('evaluate refuses a part without examples', async () => {
    const model = { description: 'none', variables: [], apply: (x: tf.Tensor) => x, dispose: () => undefined };
    const empty = { batches: async function* () {} };
    await expect(evaluate(model, empty as never)).rejects.toThrow(/a mean of none is not a number/);
  });
});
