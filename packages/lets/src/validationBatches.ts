import { FlatminError, type LossFunction, RandomStream, stepInput } from '@flatmin/core';
import { tensorsOf } from '@flatmin/core/internal';
import { mapTensors, show } from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';

/** A held-out loss for LETS: each call is the loss of the next batch. */
export interface ValidationLoss extends LossFunction {
  /** How many batches were used; set it to resume. */
  position: number;
  /** Frees the batches. */
  dispose(): void;
}

/** Held-out data in two tensors with one row per example. The caller keeps them; batches are copies. */
export interface ValidationTensors<X extends tf.Tensor, Y extends tf.Tensor> {
  readonly x: X;
  readonly y: Y;
  /** Rows per batch; default 64. The last batch may be smaller. */
  readonly batchSize?: number;
  /** Fixes the order of the rows; default 0. */
  readonly seed?: number;
}

/**
 * Held-out batches, ready to use, in this order. From then on they belong to the loss: its `dispose` frees them.
 */
export interface ReadyBatches<X extends tf.Tensor, Y extends tf.Tensor> {
  readonly batches: readonly { readonly xs: X; readonly ys: Y }[];
}

/** What is needed of a `tf.data.Dataset` of `{ xs, ys }`. */
export interface ValidationDataset<X, Y> {
  iterator(): Promise<{ next(): Promise<IteratorResult<{ xs: X; ys: Y }>> }>;
}

/** A scalar loss of a batch, without gradients of its own: as `minimize` takes it. */
/** The loss of a held-out batch, with the model in evaluation mode. */
export type LossOf<X, Y> = (x: X, y: Y) => tf.Scalar;

/**
 * A held-out loss that cycles through the batches of some data, one per call, so that every upper step of LETS sees
 * another batch. Keep the data out of training, and never pass the test set.
 *
 * - Tensors: rows are shuffled once by `seed` and cut into batches, which stay in memory until `dispose`.
 * - Ready batches: taken as they are, without a copy.
 * - A `tf.data` dataset of `{ xs, ys }`, which is asynchronous, while a step is not: `prefetch` batches (default 4) are
 *   held ready and refilled between steps; a training loop that never awaits cycles through those.
 *
 * @example
 * ```ts
 * const lossOf = (x, y) => tf.losses.softmaxCrossEntropy(y, model(x));
 * const validationLoss = validationBatches({ x, y, batchSize: 64 }, lossOf);
 * const optimizer = lets(sam({ base: tf.train.momentum(0.1, 0.9) }), { preset: 'robust', validationLoss });
 * ```
 */
export function validationBatches<X extends tf.Tensor, Y extends tf.Tensor>(
  data: ValidationTensors<X, Y>,
  lossOf: LossOf<X, Y>,
): ValidationLoss;
export function validationBatches<X extends tf.Tensor, Y extends tf.Tensor>(
  data: ReadyBatches<X, Y>,
  lossOf: LossOf<X, Y>,
): ValidationLoss;
export function validationBatches<X extends tf.TensorContainer, Y extends tf.TensorContainer>(
  data: ValidationDataset<X, Y>,
  lossOf: LossOf<X, Y>,
  options?: { readonly prefetch?: number },
): Promise<ValidationLoss>;
export function validationBatches(
  data:
    | ValidationTensors<tf.Tensor, tf.Tensor>
    | ReadyBatches<tf.Tensor, tf.Tensor>
    | ValidationDataset<tf.TensorContainer, tf.TensorContainer>,
  lossOf: LossOf<never, never>,
  options: { readonly prefetch?: number } = {},
): ValidationLoss | Promise<ValidationLoss> {
  const loss = lossOf as LossOf<unknown, unknown>;
  if ('iterator' in data) return fromDataset(data, loss, options.prefetch ?? 4);
  return roundRobin('batches' in data ? data.batches : batchesOf(data), loss);
}

/**
 * The rows of each batch, in the order of {@link validationBatches}, for batches that are prepared elsewhere.
 */
export function validationRows(rows: number, batchSize: number, seed: number): readonly Int32Array[] {
  const order = Int32Array.from(new RandomStream(seed).at('validation').permutation(rows));
  return Array.from({ length: Math.ceil(rows / batchSize) }, (_, i) =>
    order.subarray(i * batchSize, (i + 1) * batchSize),
  );
}

type TensorBatch = { readonly xs: tf.Tensor; readonly ys: tf.Tensor };

function batchesOf({ x, y, batchSize = 64, seed = 0 }: ValidationTensors<tf.Tensor, tf.Tensor>): TensorBatch[] {
  const rows = x.shape[0] ?? 0;
  if (rows === 0 || rows !== y.shape[0] || !Number.isInteger(batchSize) || batchSize < 1) {
    throw new FlatminError(
      'DATA_INVALID',
      `validationBatches got x of shape [${x.shape.join(', ')}], y of shape [${y.shape.join(', ')}] and batchSize ${show(batchSize)}. ` +
        'Give x and y the same number of rows, at least one, and a whole number of rows per batch.',
    );
  }
  return validationRows(rows, batchSize, seed).map((chosen) => {
    const indices = tf.tensor1d(chosen, 'int32');
    // Kept: the caller may be inside a tidy.
    const batch = { xs: tf.keep(tf.gather(x, indices)), ys: tf.keep(tf.gather(y, indices)) };
    indices.dispose();
    return batch;
  });
}

function roundRobin(batches: readonly TensorBatch[], lossOf: LossOf<unknown, unknown>): ValidationLoss {
  if (batches.length === 0) {
    throw new FlatminError('DATA_INVALID', 'validationBatches got no batches. Give at least one.');
  }
  const next = (): tf.Scalar => {
    const [xs, ys] = stepInput(() => {
      const batch = batches[result.position++ % batches.length] as TensorBatch;
      return [batch.xs, batch.ys];
    });
    return lossOf(xs, ys);
  };
  const result: ValidationLoss = Object.assign(next, {
    position: 0,
    dispose: () => tf.dispose(batches as unknown as tf.TensorContainer),
  });
  return result;
}

type Batch = { readonly xs: tf.TensorContainer; readonly ys: tf.TensorContainer };

async function fromDataset(
  data: ValidationDataset<tf.TensorContainer, tf.TensorContainer>,
  lossOf: LossOf<unknown, unknown>,
  prefetch: number,
): Promise<ValidationLoss> {
  let iterator = await data.iterator();
  const read = async (): Promise<Batch> => {
    for (let attempt = 0; attempt < 2; attempt++) {
      const result = await iterator.next();
      if (result.done !== true) return result.value;
      iterator = await data.iterator();
    }
    throw new FlatminError('DATA_INVALID', 'the validation dataset is empty. Give one with at least one batch.');
  };
  const ready: Batch[] = [];
  for (let i = 0; i < prefetch; i++) ready.push(await read());
  let ended = false;
  let failure: Error | undefined;
  let refilling: Promise<void> = Promise.resolve();
  const refill = async (slot: number): Promise<void> => {
    if (ended || failure !== undefined) return;
    const fresh = await read();
    tf.dispose(ended ? fresh : ready[slot]);
    if (!ended) ready[slot] = fresh;
  };
  const next = (): tf.Scalar => {
    if (failure !== undefined) throw failure;
    const last = ready[result.position % ready.length];
    const tensors = stepInput(() => {
      const slot = result.position++ % ready.length;
      // One after the other: two reads at once could end the data twice.
      refilling = refilling
        .then(() => refill(slot))
        .catch((error: unknown) => {
          failure = error instanceof Error ? error : new Error(String(error));
        });
      return [...tensorsOf(ready[slot])];
    });
    const own = [...tensorsOf(last)];
    const { xs, ys } = mapTensors(last, (tensor) => tensors[own.indexOf(tensor)] as tf.Tensor) as Batch;
    return lossOf(xs, ys);
  };
  const result: ValidationLoss = Object.assign(next, {
    position: 0,
    dispose: () => {
      ended = true;
      tf.dispose(ready);
    },
  });
  return result;
}
