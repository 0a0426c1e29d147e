import { FlatminError, RandomStream } from '@flatmin/core';
import { type DataPart, type DataSet, taskOf } from '@flatmin/core/plugin';
import { validationBatches, type ValidationLoss, validationRows } from '@flatmin/lets';
import { methodsOf, type AnyModel } from '@flatmin/training';
import * as tf from '@tensorflow/tfjs-core';

/** Bytes of held-out inputs that are kept in memory at most. */
export const heldOutBytes = 256 * 2 ** 20;
/** Examples that are read at a time. */
const readAtOnce = 256;

/** The loss of held-out batches, which holds no data before it is loaded: most optimizers never ask for it. */
export interface HeldOutLoss extends ValidationLoss {
  /** Reads the batches; before the first step of an optimizer that takes a validation loss. */
  load(): Promise<void>;
}

export interface HeldOutOptions {
  readonly batchSize: number;
  readonly seed: number;
}

/**
 * The loss of held-out batches, as LETS takes it; undefined where the data set holds nothing out. The examples are
 * those of the validation part, and of a part of more than {@link heldOutBytes} as many as fit, chosen by the seed:
 * they stay in memory, so that which batch a step sees depends on nothing but its number.
 *
 * Held once loaded: the inputs, at most those bytes, and their targets, as they are encoded for the loss. While it
 * loads, one batch more.
 */
export function heldOutLoss(dataset: DataSet, model: AnyModel, options: HeldOutOptions): HeldOutLoss | undefined {
  if (dataset.validation.size === 0) return undefined;
  const task = methodsOf(taskOf(dataset));
  const settings = { classes: dataset.classes, labelSmoothing: 0 };
  const lossOf = (inputs: tf.Tensor, target: tf.Tensor): tf.Scalar =>
    tf.mean<tf.Scalar>(task.perExample(task.outputs(model, inputs, target, false), target, settings));
  let loaded: ValidationLoss | undefined;
  const requireLoaded = (): ValidationLoss => {
    if (loaded !== undefined) return loaded;
    throw new FlatminError('STATE_INVALID', 'held-out data was asked for before it was loaded. Call load() first.');
  };
  const loss = (): tf.Scalar => requireLoaded()();
  const load = async (): Promise<void> => {
    const encode = (y: tf.Tensor): tf.Tensor => task.encode(y, settings);
    loaded ??= validationBatches({ batches: await heldOutBatches(dataset, encode, options) }, lossOf);
  };
  return Object.defineProperty(Object.assign(loss, { load, dispose: () => loaded?.dispose() }), 'position', {
    enumerable: true,
    get: () => loaded?.position ?? 0,
    set: (position: number) => {
      if (loaded !== undefined) loaded.position = position;
    },
  }) as HeldOutLoss;
}

type ReadyBatch = { readonly xs: tf.Tensor; readonly ys: tf.Tensor };

/** The batches, in the order in which `validationBatches` has those of the same rows. */
async function heldOutBatches(
  { validation, inputShape }: DataSet,
  encode: (y: tf.Tensor) => tf.Tensor,
  { batchSize, seed }: HeldOutOptions,
): Promise<readonly ReadyBatch[]> {
  const { size } = validation;
  const fitting = Math.max(1, Math.floor(heldOutBytes / (4 * tf.util.sizeFromShape([...inputShape]))));
  const rows = Math.min(size, fitting);
  const chosen = validationRows(rows, batchSize, seed);
  const [x, y] = [new RowStore(chosen), new RowStore(chosen)];
  const order = { batchSize: readAtOnce, ...(fitting < size && { shuffle: new RandomStream(seed).at('held out') }) };
  let read = 0;
  for await (const batch of (validation as DataPart<tf.Tensor>).batches(order)) {
    try {
      await Promise.all([x.put(batch.x, read), y.put(batch.y, read)]);
      read += batch.x.shape[0] ?? 0;
    } finally {
      tf.dispose([batch.x, batch.y]);
    }
    if (read >= rows) break;
  }
  return chosen.map((_, i) => {
    const [xs, raw] = [x.take(i), y.take(i)];
    const ys = tf.tidy(() => encode(raw));
    if (ys !== raw) raw.dispose();
    return { xs, ys };
  });
}

type Values = Float32Array | Int32Array;

/**
 * Gathers rows into batches as they come, each value held once. Rows of ids may be of several lengths: shorter ones are
 * filled up with 0.
 */
class RowStore {
  /** Batch of each row, and its place there. */
  readonly #places: readonly (readonly [batch: number, place: number])[];
  readonly #batches: (Values | undefined)[];
  readonly #sizes: readonly number[];
  /** Of one row; unknown before the first. */
  #shape: readonly number[] | undefined;
  #dtype: 'float32' | 'int32' = 'float32';

  constructor(chosen: readonly Int32Array[]) {
    const places: (readonly [number, number])[] = [];
    chosen.forEach((rows, batch) => rows.forEach((row, place) => (places[row] = [batch, place])));
    this.#places = places;
    this.#batches = chosen.map(() => undefined);
    this.#sizes = chosen.map(({ length }) => length);
  }

  /** Puts the rows of a tensor, the first of which is row `from` of all; those that are in no batch are left out. */
  async put(rows: tf.Tensor, from: number): Promise<void> {
    const [count = 0, ...shape] = rows.shape;
    const width = tf.util.sizeFromShape([...this.#widened(shape, rows.dtype)]);
    const length = tf.util.sizeFromShape(shape);
    const values = (await rows.data()) as Values;
    for (let i = 0; i < count; i++) {
      const [batch, place] = this.#places[from + i] ?? [];
      if (batch === undefined || place === undefined) continue;
      const into = (this.#batches[batch] ??= this.#made((this.#sizes[batch] as number) * width));
      into.set(values.subarray(i * length, (i + 1) * length), place * width);
    }
  }

  /** A batch as a tensor of the caller's; it is no longer held here. */
  take(batch: number): tf.Tensor {
    const values = this.#batches[batch] as Values;
    this.#batches[batch] = undefined;
    return tf.tensor(values, [this.#sizes[batch] as number, ...(this.#shape ?? [])], this.#dtype);
  }

  #made(length: number): Values {
    return this.#dtype === 'int32' ? new Int32Array(length) : new Float32Array(length);
  }

  /** The shape of a row from now on: that of the longest so far. */
  #widened(shape: readonly number[], dtype: tf.DataType): readonly number[] {
    const known = this.#shape;
    if (known === undefined) {
      this.#dtype = dtype === 'int32' ? 'int32' : 'float32';
      return (this.#shape = shape);
    }
    const [before = 0] = known;
    const [now = 0] = shape;
    if (now <= before) return known;
    this.#batches.forEach((values, i) => {
      if (values === undefined) return;
      const wider = this.#made((this.#sizes[i] as number) * now);
      for (let row = 0; row * before < values.length; row++) {
        wider.set(values.subarray(row * before, (row + 1) * before), row * now);
      }
      this.#batches[i] = wider;
    });
    return (this.#shape = shape);
  }
}
