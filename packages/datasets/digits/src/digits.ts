import { type ClassificationDataSet, definePlugin } from '@flatmin/core/plugin';
import { type SplitChoice, splitSchema, table, tableDataSet } from '@flatmin/data';
import * as z from 'zod';
import { classes, pixels, readDigits, type Digits } from './readDigits.js';

/** The usual split of this file: the first rows train, the last 500 test. */
const trainRows = 1297;

const shapes = { flat: [64], image: [8, 8, 1] } as const;

const schema = z.strictObject({
  ...splitSchema,
  shape: z
    .enum(['flat', 'image'])
    .default('flat')
    .describe('Shape of one example: flat is [64], image is [8, 8, 1] (height, width, channels).'),
});

export interface DigitsOptions extends SplitChoice {
  readonly shape?: 'flat' | 'image' | undefined;
}

let read: Promise<Digits> | undefined;

/**
 * The optical digits: 1,797 handwritten digits of 8 x 8 pixels, float32 in [0, 1], 10 classes. The first 1,297 rows are
 * for training, of which validation is held out, the last 500 for test, in file order.
 *
 * The data is part of the package (57 kB): nothing is downloaded. Unpacking takes about 0.1 s at the first call and is
 * kept (0.5 MB).
 *
 * @param options.validation fraction of the training rows held out, in [0, 1); default 0.1.
 * @param options.seed seed of that split, and of the noise if that has none; default 0.
 * @param options.labelNoise wrong labels in train and validation, `{ kind: 'symmetric' | 'pair-flip', rate, seed? }`;
 *   exactly `round(rate * n)` of each part's n. Test stays clean. Default none.
 * @param options.shape `'flat'` for [64] (the default), `'image'` for [8, 8, 1].
 * @throws FlatminError DATA_INVALID for a fraction or rate out of range.
 * @example
 * ```ts
 * const data = await digits({ labelNoise: { kind: 'symmetric', rate: 0.4 } });
 * for await (const { x, y } of data.train.batches({ batchSize: 64 })) tf.dispose([x, y]);
 * ```
 * Source: Alpaydin & Kaynak, "Optical Recognition of Handwritten Digits", UCI data set 80 (CC BY 4.0), test part, as
 * scikit-learn ships it (BSD-3-Clause).
 */
export async function digits(options: DigitsOptions = {}): Promise<ClassificationDataSet> {
  const { shape = 'flat', ...choice } = options;
  const { features, labels } = await (read ??= readDigits());
  const part = (start: number, end: number) =>
    table({
      features: features.subarray(start * pixels, end * pixels),
      labels: labels.subarray(start, end),
      inputShape: shapes[shape],
      classes,
    });
  return tableDataSet({ id: 'digits', train: part(0, trainRows), test: part(trainRows, labels.length), choice });
}

/** The plugin: `{ use: 'digits', labelNoise: { rate: 0.4 } }`. */
export const digitsPlugin = definePlugin({
  kind: 'dataset',
  id: 'digits',
  apiVersion: 1,
  description: 'Optical digits, shipped in the package: 1,297 training and 500 test images of 8x8 pixels, 10 classes.',
  options: schema,
  create: (options) => digits(options),
});
