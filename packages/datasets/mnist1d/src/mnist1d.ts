import { type ClassificationDataSet, definePlugin } from '@flatmin/core/plugin';
import { type SplitChoice, splitSchema, type Table, table, tableDataSet } from '@flatmin/data';
import * as z from 'zod';
import { classes, exampleLength, generate, testRows, trainRows } from './generate.js';

export type Mnist1dOptions = SplitChoice;

const schema = z.strictObject(splitSchema);

let official: { readonly train: Table; readonly test: Table } | undefined;

/** The published rows. They have no arguments, so they are generated once per process (0.8 MB). */
function officialRows(): { readonly train: Table; readonly test: Table } {
  if (official !== undefined) return official;
  const { features, labels } = generate();
  const part = (start: number, rows: number): Table =>
    table({
      features: Float32Array.from(features.subarray(start * exampleLength, (start + rows) * exampleLength)),
      labels: labels.slice(start, start + rows),
      inputShape: [exampleLength],
      classes,
    });
  official = { train: part(0, trainRows), test: part(trainRows, testRows) };
  return official;
}

/**
 * MNIST-1D: ten one-dimensional digits, 40 float32 values each, standardized; the official 4,000 training rows, of
 * which validation is held out, and 1,000 test rows in their order.
 *
 * The rows equal the authors' published arrays (default arguments, seed 42) to float32 rounding, labels exactly. They
 * are generated in about 0.5 s at the first call and kept; nothing is downloaded.
 *
 * @param options.validation fraction of the training rows held out, in [0, 1); default 0.1.
 * @param options.seed seed of that split, and of the noise if that has none; default 0.
 * @param options.labelNoise wrong labels in train and validation, `{ kind: 'symmetric' | 'pair-flip', rate, seed? }`;
 *   exactly `round(rate * n)` of each part's n. Test stays clean. Default none.
 * @throws FlatminError DATA_INVALID for a fraction or rate out of range.
 * @example
 * ```ts
 * const data = mnist1d({ labelNoise: { kind: 'symmetric', rate: 0.4 } });
 * for await (const { x, y } of data.train.batches({ batchSize: 64 })) tf.dispose([x, y]);
 * ```
 * Source: Greydanus & Kobak, "Scaling Down Deep Learning with MNIST-1D", ICML 2024, arXiv:2011.14439;
 * github.com/greydanus/mnist1d (Apache-2.0). Written from the definition.
 */
export function mnist1d(options: Mnist1dOptions = {}): ClassificationDataSet {
  return tableDataSet({ id: 'mnist1d', ...officialRows(), choice: options });
}

/** The plugin: `{ use: 'mnist1d', labelNoise: { rate: 0.4 } }`. */
export const mnist1dPlugin = definePlugin({
  kind: 'dataset',
  id: 'mnist1d',
  apiVersion: 1,
  description: 'MNIST-1D, generated: 4,000 training and 1,000 test digits of 40 values, 10 classes.',
  options: schema,
  create: (options) => mnist1d(options),
});
