import { describe, expect, it } from '@jest/globals';
import {
  arraySource,
  exampleDataSet,
  horizontalFlip,
  imagePipeline,
  languageDataSet,
  randomCrop,
  sequencePairDataSet,
  type SplitChoice,
  tableDataSet,
  textDataSet,
} from './index.js';
import { digestOf } from './fuzz/index.js';
import { numberedTable } from './source/numberedTable.fixture.js';

describe('batches are what they always were', () => {
  const [train, test] = [numberedTable(100, 10), numberedTable(20, 10)];
  it('of tables', async () => {
    const noise = { rate: 0.3 };
    const table = (choice: SplitChoice = {}) => tableDataSet({ id: 'n', train, test, choice });
    const found = [
      table(),
      table({ validation: 0.2, seed: 7, labelNoise: { ...noise, kind: 'pair-flip' } }),
      table({ seed: 2, labelNoise: { ...noise, seed: 5 } }),
      tableDataSet({ id: 'n', train, testFraction: 0.24, choice: { validation: 0.15, seed: 3 } }),
      tableDataSet({ id: 'n', train, choice: { validation: 0, seed: 3, labelNoise: { rate: 0.5 } } }),
    ];
    expect(await Promise.all(found.map(digestOf))).toEqual([
      'cc06090b34ca',
      'c1669627610d',
      'e2abcd41a28a',
      'b4ab503931d1',
      'af3d74d29ed4',
    ]);
  });
  it('of examples', async () => {
    const images = Array.from({ length: 60 }, (_, i) =>
      Uint8Array.from({ length: 12 }, (_, p) => (i * 12 + 5 * p) % 256),
    );
    const source = { ...arraySource(images), labels: Int32Array.from({ length: 60 }, (_, i) => i % 3) };
    const prepare = imagePipeline({
      shape: { height: 4, width: 3, channels: 1 },
      normalize: { mean: [0.5], std: [0.25] },
      augment: [randomCrop({ padding: 1 }), horizontalFlip()],
    });
    const common = { id: 'e', inputShape: [12], classes: 3, train: source };
    const found = [
      exampleDataSet({ ...common, test: source }),
      exampleDataSet({
        ...common,
        testFraction: 0.2,
        choice: { validation: 0.2, seed: 4, train: 20, test: 7, labelNoise: { rate: 0.4 } },
      }),
      exampleDataSet({ ...common, test: source, prepare }),
    ];
    expect(await Promise.all(found.map(digestOf))).toEqual(['14fdf709e5c3', 'd8f6e2efbedd', 'd58477adb988']);
  });
  it('of texts', async () => {
    const texts = Array.from({ length: 40 }, (_, i) => [['a', 'b', 'c', 'd'].slice(i % 3, 2 + (i % 4))]);
    const part = { ...arraySource(texts), labels: Int32Array.from(texts, (_, i) => i % 2) };
    const parts = { train: part, validation: part, test: part };
    const pairs = arraySource(texts.map(([source = []]) => ({ source, target: [...source].reverse() })));
    const words = Array.from({ length: 200 }, (_, i) => 'abcdefg'[(i * i) % 7] as string);
    const found = [
      await textDataSet({ id: 't', target: { classes: 2 }, parts }),
      await textDataSet({ id: 't', target: { classes: 2 }, parts, choice: { encoding: 'ids', length: 5 } }),
      await textDataSet({ id: 't', target: 'regression', parts, standardizeTargets: true }),
      await sequencePairDataSet({ id: 'p', parts: { train: pairs, validation: pairs, test: pairs } }),
      languageDataSet({ id: 'l', parts: { train: words, validation: words, test: words }, length: 6 }),
    ];
    expect(await Promise.all(found.map(digestOf))).toEqual([
      '5764d55f1e7f',
      '943baa5dcc2d',
      '796726efac4b',
      '2a7a94784e4e',
      'cbe88eb1c2d4',
    ]);
  });
});
