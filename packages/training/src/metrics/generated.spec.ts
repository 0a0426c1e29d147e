import type { DataPart, SequencePairDataSet } from '@flatmin/core/plugin';
import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { tinyDataSet, tinyModel, tinyOptimizer } from '../loop/tinyRun.fixture.js';
import { train } from '../loop/train.js';
import { judgeGenerated, scoresOfSequences } from './generated.js';

it('BLEU of ids is that of words, and a match is one to the last token', () => {
  // The cat sat on the mat / the cat sat on a mat: n-grams 5/6, 3/5, 2/4, 1/3 and no brevity penalty.
  const [target, found] = [[9, 5, 6, 7, 9, 8], [9, 5, 6, 7, 4, 8]]; // prettier-ignore
  const { bleu, exactMatch } = scoresOfSequences([found, target], [target, target]);
  const both = [11 / 12, 8 / 10, 6 / 8, 4 / 6].reduce((product, precision) => product * precision, 1);
  expect(bleu).toBeCloseTo(100 * both ** 0.25, 10);
  expect(exactMatch).toBe(0.5);
});

it('a token that the vocabulary lacks is never right', () => {
  const same = [4, 3, 5, 6, 7];
  expect(scoresOfSequences([same], [same]).exactMatch).toBe(0);
  expect(scoresOfSequences([same], [same]).bleu).toBeLessThan(100);
});

it('reads sources in batches, and targets without what marks their ends', async () => {
  const targets = [[1, 4, 5, 6, 7, 2], [1, 8, 2, 0, 0, 0], [1, 9, 9, 2, 0, 0]]; // prettier-ignore
  const part: Pick<DataPart<tf.Tensor>, 'batches'> = {
    async *batches({ batchSize }) {
      for (let at = 0; at < 3; at += batchSize) {
        const rows = targets.slice(at, at + batchSize);
        const x = tf.tensor2d(rows.map((_, i) => [at + i]), undefined, 'int32'); // prettier-ignore
        yield { x, y: tf.tensor2d(rows, undefined, 'int32') };
      }
    },
  };
  const before = tf.memory().numTensors;
  const answers = [[4, 5, 6, 7], [8], [9]];
  const asked: number[] = [];
  const generate = async (x: tf.Tensor2D): Promise<number[][]> => {
    asked.push(x.shape[0]);
    return (await x.array()).map(([i]) => answers[i as number] as number[]);
  };
  const scores = await judgeGenerated(generate, part, 2);
  expect(asked).toEqual([2, 1]);
  expect(scores).toEqual({ bleu: expect.any(Number), exactMatch: 2 / 3 });
  expect(tf.memory().numTensors).toBe(before);
});

describe('train', () => {
  /** Each source is its own target, of one token out of 4 and 5. */
  const part: DataPart<tf.Tensor2D> = {
    size: 2,
    async *batches() {
      yield { x: tf.tensor2d([[4], [5]], undefined, 'int32'), y: tf.tensor2d([[1, 4, 2], [1, 5, 2]], undefined, 'int32') }; // prettier-ignore
    },
  };
  const vocabulary = { size: 6, tokens: ['<pad>', '<s>', '</s>', '<unk>', 'a', 'b'], idOf: () => 3 };
  const parts = { train: part, validation: part, test: part };
  const sequences = { task: 'sequence-to-sequence', inputShape: [1], classes: 6, vocabulary, targetVocabulary: vocabulary } as const; // prettier-ignore
  const dataset: SequencePairDataSet = { id: 'echo', ...sequences, ...parts };

  it('judges what is generated at the ends of epochs alone, of the parts that were named', async () => {
    const w = tf.variable(tf.zeros([6]));
    let calls = 0;
    const model = {
      description: 'always the same',
      variables: [w],
      apply: (x: tf.Tensor) => tf.add(tf.zeros([x.shape[0], 2, 6]), w),
      generate: async () => (calls++, [[4], [4]]),
      dispose: () => w.dispose(),
    };
    const optimizer = tinyOptimizer();
    const evaluations = { parts: ['train', 'test'], everySteps: 1, generate: ['test'] } as const;
    const { history } = await train({ dataset, model, optimizer, epochs: 2, batchSize: 2, eager: true, evaluate: evaluations }); // prettier-ignore
    expect(history.map(({ test }) => test?.scores?.['exactMatch'])).toEqual([0.5, 0.5]);
    expect(history.map(({ train: part }) => part?.scores)).toEqual([undefined, undefined]);
    expect(calls).toBe(2);
    optimizer.dispose();
    model.dispose();
  });

  it('refuses it where nothing can be generated', async () => {
    const [model, optimizer] = [tinyModel(), tinyOptimizer()];
    const run = { model, optimizer, epochs: 1, batchSize: 2 };
    const refused = (data: typeof dataset | ReturnType<typeof tinyDataSet>, evaluate: object) =>
      expect(train({ ...run, dataset: data, evaluate })).rejects;
    await refused(tinyDataSet(), { generate: ['test'] }).toThrow(/evaluate\.generate.*is given for classification/);
    await refused(dataset, { generate: ['test'] }).toThrow(/evaluate\.generate.*needs a model that generates/);
    const able = { ...run, model: { ...model, generate: async () => [] } };
    const named = train({ ...able, dataset, evaluate: { parts: ['train'], generate: ['test'] } });
    await expect(named).rejects.toThrow(/names a part that evaluate\.parts does not/);
    optimizer.dispose();
    model.dispose();
  });
});
