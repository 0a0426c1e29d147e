import type { DataPart, DataSet } from '@flatmin/core/plugin';
import { contactSheet, imageShapeOf } from '@flatmin/data/node';
import { arraySource, streamPart, vocabulary } from '@flatmin/data';
import { describe, expect, it } from '@jest/globals';
import type * as tf from '@tensorflow/tfjs-core';
import { PNG } from 'pngjs';
import { inspect } from './inspect.js';
import { exampleLines, sampleExamples } from './preview.js';
import { summaryText } from './summaryText.js';

/** A part of rows [x, y], with what the data set says of it given apart. */
function part<Y extends tf.Tensor>(rows: readonly (readonly [number[], number[]])[], integers = false): DataPart<Y> {
  const values = (arrays: number[][], int: boolean) =>
    int ? Int32Array.from(arrays.flat()) : Float32Array.from(arrays.flat());
  return streamPart<readonly [number[], number[]], Y>({
    source: arraySource(rows),
    assemble: (records) => {
      const [xs, ys] = [records.map(([x]) => x), records.map(([, y]) => y)];
      const yShape = (ys[0] as number[]).length === 1 ? [ys.length] : [ys.length, (ys[0] as number[]).length];
      return {
        x: { values: values(xs, integers), shape: [xs.length, (xs[0] as number[]).length] },
        y: { values: values(ys, ys.flat().every(Number.isInteger)), shape: yShape },
      };
    },
  });
}
const empty = part<tf.Tensor1D>([]);
const classes = (rows: readonly (readonly [number[], number[]])[]): DataSet => ({
  id: 'toy',
  inputShape: [2],
  classes: 3,
  classNames: ['ant', 'bee', 'cat'],
  train: part(rows),
  validation: empty,
  test: empty,
});

describe('inspect', () => {
  it('counts examples and classes, and measures the values', async () => {
    const summary = await inspect(
      classes([
        [[0, 2], [1]],
        [[4, 2], [1]],
        [[2, 2], [0]],
      ]),
    );
    expect(summary.parts.train).toEqual({
      examples: 3,
      values: { least: 0, greatest: 4, mean: 2, deviation: Math.sqrt(8 / 6) },
      perClass: [1, 2, 0],
    });
    expect(summaryText(summary)).toContain('toy: classification, x float32 [batch, 2], 3 classes');
    expect(summaryText(summary)).toMatch(/bee +2 +0 +0/);
  });

  it('measures the targets of a regression, and counts the tokens of text', async () => {
    const words = vocabulary(['a', 'b']);
    const summary = await inspect({
      id: 'similar',
      task: 'regression',
      inputShape: [3],
      classes: 1,
      vocabulary: words,
      train: part(
        [
          [[4, 5, 0], [0.5]],
          [[4, 0, 0], [2.5]],
        ],
        true,
      ),
      validation: empty,
      test: empty,
    });
    expect(summary.parts.train).toMatchObject({ tokens: 3, targets: { least: 0.5, greatest: 2.5, mean: 1.5 } });
    expect(summaryText(summary)).toMatch(/train +2 examples, 3 tokens, y from 0\.5 to 2\.5/);
  });

  it.each<[string, DataSet, RegExp]>([
    ['a label that is not a class', classes([[[0, 2], [3]]]), /toy, train: label 3 is not one of 3 classes/],
    ['a value that is not finite', classes([[[0, NaN], [1]]]), /not finite/],
    ['another shape', classes([[[1, 2, 3], [1]]]), /shape \[3\], and the data set says \[2\]/],
    [
      'another size',
      { ...classes([[[0, 2], [1]]]), test: { ...empty, size: 4 } } as DataSet,
      /gave 0 examples, and its size is 4/,
    ],
  ])('refuses %s', async (_, dataset, message) => {
    await expect(inspect(dataset)).rejects.toMatchObject({
      code: 'DATA_INVALID',
      message: expect.stringMatching(message),
    });
  });

  it('lists the rarest and the most frequent of many classes', async () => {
    const rows = Array.from({ length: 30 }, (_, i) =>
      Array.from({ length: i + 1 }, () => [[0, 0], [i]] as [number[], number[]]),
    ).flat();
    const many = { ...classes(rows), classes: 30, classNames: Array.from({ length: 30 }, (_, i) => String(i)) };
    const lines = summaryText(await inspect(many as DataSet)).split('\n');
    expect(lines.filter((line) => /^ {2}\d+ /.test(line)).map((line) => Number(line.trim().split(' ')[0]))).toEqual([
      0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29,
    ]);
  });
});

describe('preview', () => {
  it('draws the same number of each class', async () => {
    const dataset = classes(Array.from({ length: 30 }, (_, i) => [[i, 0], [i % 3]] as [number[], number[]]));
    const rows = await sampleExamples(dataset, dataset.train, 12);
    expect(rows.map((row) => row.map(({ y }) => y[0]))).toEqual(
      [0, 1, 2].map((label) => new Array<number>(4).fill(label)),
    );
  });

  it('decodes text, without its padding', async () => {
    const words = vocabulary(['a', 'b']);
    const dataset: DataSet = {
      id: 'pairs',
      task: 'sequence-to-sequence',
      inputShape: [3],
      classes: words.size,
      vocabulary: words,
      targetVocabulary: vocabulary(['x']),
      train: part(
        [
          [
            [4, 5, 0],
            [1, 4, 2],
          ],
        ],
        true,
      ),
      validation: part([]),
      test: part([]),
    };
    const [row] = await sampleExamples(dataset, dataset.train, 5);
    expect(exampleLines(dataset, row ?? [])).toEqual(['<s> x </s>\ta b']);
  });
});

describe('exampleLines', () => {
  it('names the values that have names, greatest first, without zeros', () => {
    const dataset = { ...classes([]), featureNames: ['the', 'ant', 'of'] };
    expect(exampleLines(dataset, [{ x: [0.25, -3, 0], y: [1] }])).toEqual(['bee\tant=-3 the=0.25']);
  });
});

describe('contactSheet', () => {
  it('lays images out in rows, black to white', () => {
    // Two images of 1 x 2 pixels, 28 times enlarged.
    const png = PNG.sync.read(Buffer.from(contactSheet([[[0, 5]], [[10, 5]]], [1, 2, 1])));
    expect([png.width, png.height]).toEqual([2 + 56 + 2, 2 + 28 + 2 + 28 + 2]);
    const at = (x: number, y: number) => [...png.data.subarray((y * png.width + x) * 4, (y * png.width + x) * 4 + 3)];
    expect([at(0, 0), at(2, 2), at(30, 2), at(2, 32)]).toEqual([
      [255, 255, 255],
      [0, 0, 0],
      [128, 128, 128],
      [255, 255, 255],
    ]);
  });

  it('keeps colors', () => {
    const png = PNG.sync.read(Buffer.from(contactSheet([[[0, 0.5, 1]]], [1, 1, 3])));
    expect([...png.data.subarray((2 * png.width + 2) * 4, (2 * png.width + 2) * 4 + 3)]).toEqual([0, 128, 255]);
  });

  it.each([
    [[784], [28, 28, 1]],
    [
      [8, 8, 1],
      [8, 8, 1],
    ],
    [
      [32, 32, 3],
      [32, 32, 3],
    ],
    [
      [8, 6],
      [8, 6, 1],
    ],
    [[40], undefined],
    [[4], undefined],
    [[4, 4, 2], undefined],
  ])('takes an example of shape %j as an image %j', (shape, expected) => {
    expect(imageShapeOf(shape)).toEqual(expected);
  });
});
