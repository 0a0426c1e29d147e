import type * as tf from '@tensorflow/tfjs-core';
import type { RandomStream } from './random.js';

/** One batch of classification data: `x` is [batch, ...inputShape] float32, `y` is [batch] int32 classes. The receiver disposes both. */
export interface Batch {
  readonly x: tf.Tensor;
  readonly y: tf.Tensor1D;
}

export interface BatchOptions {
  readonly batchSize: number;
  /** Shuffles by this stream; the natural order without. Pass another child each epoch. */
  readonly shuffle?: RandomStream;
  /** Leaves out the last batch where it is smaller; default false. */
  readonly dropRemainder?: boolean;
}

/** A part of a data set (train, validation, test). */
export interface DataPart {
  readonly size: number;
  batches(options: BatchOptions): AsyncIterable<Batch>;
}

/**
 * A classification data set, split. `validation` is held out of training and never touches `test`: it is what LETS
 * and the choice of hyper-parameters may see.
 */
export interface DataSet {
  readonly id: string;
  readonly inputShape: readonly number[];
  readonly classes: number;
  readonly train: DataPart;
  readonly validation: DataPart;
  readonly test: DataPart;
}
