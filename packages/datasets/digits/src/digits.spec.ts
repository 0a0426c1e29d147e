import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { checkPlugin, type DataPart } from '@flatmin/core/plugin';
import { describe, expect, it } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { digitsArchive } from './digitsArchive.js';
import plugin, { digits, digitsPlugin } from './index.js';
import { readDigits } from './readDigits.js';

const file = readFileSync(path.join(__dirname, '../data/digits.csv.gz'));
const rows = gunzipSync(file)
  .toString('utf8')
  .trim()
  .split('\n')
  .map((line) => line.split(',').map(Number));
const wrong = (noisy: readonly number[], clean: readonly number[]): number =>
  noisy.filter((label, i) => label !== clean[i]).length;

/** The rows of a part as the file has them: sixteenths, and the class behind them. */
async function rowsOf(part: DataPart): Promise<number[][]> {
  const found: number[][] = [];
  for await (const { x, y } of part.batches({ batchSize: 200 })) {
    const values = x.arraySync() as number[][];
    y.dataSync().forEach((label, i) => found.push([...(values[i] as number[]).map((value) => value * 16), label]));
    tf.dispose([x, y]);
  }
  return found;
}
const labelsOf = async (part: DataPart): Promise<number[]> => (await rowsOf(part)).map((row) => row[64] as number);

describe('the data file', () => {
  it('is the one that scikit-learn ships', () => {
    const digest = createHash('sha256').update(file).digest('hex');
    expect(digest).toBe('09f66e6debdee2cd2b5ae59e0d6abbb73fc2b0e0185d2e1957e9ebb51e23aa22');
  });

  it('is what the package has embedded', () => expect(digitsArchive).toBe(file.toString('base64')));
});

describe('readDigits', () => {
  it('gives every pixel over 16 and every class, in file order', async () => {
    const { features, labels } = await readDigits();
    expect(rows).toHaveLength(1797);
    expect([...labels]).toEqual(rows.map((row) => row[64]));
    expect([...features].map((value) => value * 16)).toEqual(rows.flatMap((row) => row.slice(0, 64)));
  });
});

describe('digits', () => {
  it('has 1,297 training rows, a tenth held out, and the last 500 rows for test', async () => {
    const data = await digits();
    expect([data.id, data.inputShape, data.classes]).toEqual(['digits', [64], 10]);
    // round(0.1 * 1297) = 130
    expect([data.train.size, data.validation.size, data.test.size]).toEqual([1167, 130, 500]);
    expect(await rowsOf(data.test)).toEqual(rows.slice(1297));
  });

  it('trains and validates on the first 1,297 rows, each once', async () => {
    const { train, validation } = await digits({ validation: 0.3, seed: 4 });
    const key = (values: readonly number[]): string => values.join();
    const found = [...(await rowsOf(train)), ...(await rowsOf(validation))].map(key);
    expect(found.sort()).toEqual(rows.slice(0, 1297).map(key).sort());
  });

  it('gives images as [8, 8, 1] when asked', async () => {
    const { inputShape, test } = await digits({ shape: 'image' });
    for await (const { x, y } of test.batches({ batchSize: 250 })) {
      expect([inputShape, x.shape]).toEqual([
        [8, 8, 1],
        [250, 8, 8, 1],
      ]);
      tf.dispose([x, y]);
    }
  });

  it('has exactly the asked label noise in train and in validation', async () => {
    const [clean, noisy] = [await digits(), await digits({ labelNoise: { rate: 0.4 } })];
    expect(wrong(await labelsOf(noisy.train), await labelsOf(clean.train))).toBe(Math.round(0.4 * 1167));
    expect(wrong(await labelsOf(noisy.validation), await labelsOf(clean.validation))).toBe(52);
    expect(await labelsOf(noisy.test)).toEqual(await labelsOf(clean.test));
  });
});

describe('digitsPlugin', () => {
  it('is a plugin, and the default export', () => {
    expect(() => checkPlugin(digitsPlugin)).not.toThrow();
    expect(plugin).toBe(digitsPlugin);
  });

  it('creates the data set of its checked options', async () => {
    const options = digitsPlugin.options.parse({ shape: 'image' });
    expect(options).toEqual({ shape: 'image', validation: 0.1, seed: 0 });
    expect((await digitsPlugin.create(options, undefined)).inputShape).toEqual([8, 8, 1]);
  });

  it('refuses unknown options', () => expect(digitsPlugin.options.safeParse({ scale: 16 }).success).toBe(false));
});
