import { RandomStream } from '@flatmin/core';
import type { DataPart } from '@flatmin/core/plugin';
import * as tf from '@tensorflow/tfjs-core';

/** Which examples of a part. */
export interface Subset {
  /** How many; all where the part has no more. */
  readonly examples: number;
  /** Draws them, without repetition, each as likely as any other. */
  readonly seed: number;
}

/** Examples of a batch. */
export type Rows = readonly [x: tf.Tensor, y: tf.Tensor];

/**
 * Examples of a part as batches [x, y], in their natural order and not augmented: the same ones for the same seed,
 * whatever the size of the batches.
 *
 * Cost: one reading of the part; the examples are held twice for a moment.
 *
 * @returns the caller's to dispose.
 */
export async function subsetOf(part: DataPart<tf.Tensor>, subset: Subset, batchSize: number): Promise<readonly Rows[]> {
  const isChosen = choiceOf(part.size, subset);
  const pieces: Rows[] = [];
  try {
    let start = 0;
    for await (const { x, y } of part.batches({ batchSize: readAtOnce })) {
      const rows = Array.from({ length: x.shape[0] ?? 0 }, (_, i) => i).filter((i) => isChosen(start + i));
      start += x.shape[0] ?? 0;
      if (rows.length > 0) pieces.push([tf.gather(x, rows), tf.gather(y, rows)]);
      tf.dispose([x, y]);
    }
    return tf.tidy(() => {
      const [x, y] = [joined(pieces.map(([each]) => each)), joined(pieces.map(([, each]) => each))];
      const starts = Array.from({ length: Math.ceil((x.shape[0] ?? 0) / batchSize) }, (_, i) => i * batchSize);
      return starts.map((from) => [rowsOf(x, from, batchSize), rowsOf(y, from, batchSize)] as const);
    });
  } finally {
    tf.dispose(pieces.flatMap((piece) => [...piece]));
  }
}

/** Rows that are read at a time; changes nothing but memory. */
const readAtOnce = 500;

function choiceOf(size: number, { examples, seed }: Subset): (index: number) => boolean {
  if (examples >= size) return () => true;
  const order = new RandomStream(seed).at('subset').permutation(size);
  const chosen = new Set(order.subarray(0, examples));
  return (index) => chosen.has(index);
}

/** Rows one after the other. Sequences are filled up to the longest of them with `padding`, which is 0. */
function joined(pieces: readonly tf.Tensor[]): tf.Tensor {
  const [first] = pieces as [tf.Tensor];
  const longest = first.shape.map((_, axis) => Math.max(...pieces.map(({ shape }) => shape[axis] as number)));
  return tf.concat(
    pieces.map((piece) =>
      tf.pad(
        piece,
        piece.shape.map((length, axis) => [0, axis === 0 ? 0 : (longest[axis] as number) - length]),
      ),
    ),
  );
}

function rowsOf(tensor: tf.Tensor, from: number, count: number): tf.Tensor {
  return tf.slice(tensor, from, Math.min(count, tensor.shape[0] - from));
}
