import type * as tf from '@tensorflow/tfjs-core';
import type { RandomStream } from '../tensors/random.js';

/** What a data set asks of a model, which decides loss and metrics. */
export const tasks = ['classification', 'regression', 'language-modelling', 'sequence-to-sequence'] as const;
export type Task = (typeof tasks)[number];

/**
 * One batch: inputs `x` and targets `y`, both with the batch as the first axis. The receiver disposes both.
 *
 * | task | x | y |
 * | --- | --- | --- |
 * | classification | [batch, ...inputShape], float32; int32 ids where the data set has a vocabulary | int32 [batch], classes |
 * | regression | as classification | float32 [batch], scaled as {@link TargetScale} says where there is one |
 * | language-modelling | int32 [batch, length], ids | int32 [batch, length], the id that follows each |
 * | sequence-to-sequence | int32 [batch, longest source], ids | int32 [batch, longest target], ids |
 *
 * Shorter sequences are padded with `padding` (0) at the end; padded targets count in no loss and no metric.
 * A target sequence starts with `begin` and ends with `end`: a decoder reads y[:, :-1] and predicts y[:, 1:].
 */
export interface Batch<Y extends tf.Tensor = tf.Tensor1D> {
  readonly x: tf.Tensor;
  readonly y: Y;
}

export interface BatchOptions {
  readonly batchSize: number;
  /**
   * Shuffles by this stream, and draws augmentations from it if the data set has any; without it, examples come
   * unchanged, in their natural order. Pass another child stream in each epoch.
   */
  readonly shuffle?: RandomStream;
  /** Leaves out the last batch if it is smaller; default false. */
  readonly dropRemainder?: boolean;
}

/**
 * A part of a data set (train, validation, test). It may be larger than memory: a part that reads from files says in
 * its docstring what it holds at once.
 */
export interface DataPart<Y extends tf.Tensor = tf.Tensor1D> {
  /** The number of examples, known before the first is read: it decides the number of steps. */
  readonly size: number;
  /** Each iteration starts from the beginning; leaving one early frees what was read ahead. */
  batches(options: BatchOptions): AsyncIterable<Batch<Y>>;
}

/** Examples without targets, prepared as those of a data set are. */
export interface UnlabelledExamples {
  readonly size: number;
  /** What identifies an example to whoever reads its prediction: a file, the number of a row. */
  nameOf(index: number): string;
  /** x as in {@link Batch}, in their natural order; the receiver disposes it. */
  batches(options: Pick<BatchOptions, 'batchSize'>): AsyncIterable<tf.Tensor>;
}

/** The ids of tokens: `padding` 0, `begin` 1, `end` 2, `unknown` 3 in every vocabulary, then the tokens of the data. */
export interface Vocabulary {
  readonly size: number;
  /** Token of each id. */
  readonly tokens: readonly string[];
  /** The id of a token; for one that is not in the vocabulary, the id of `unknown`. */
  idOf(token: string): number;
}

/** Ids that mean the same in every {@link Vocabulary}. */
export const specialTokens = Object.freeze({ padding: 0, begin: 1, end: 2, unknown: 3 } as const);

/**
 * What all data sets have. `validation` is held out of training and shares nothing with `test`: LETS and the choice of
 * settings may use it.
 */
export interface DataParts<Y extends tf.Tensor> {
  readonly id: string;
  readonly train: DataPart<Y>;
  readonly validation: DataPart<Y>;
  readonly test: DataPart<Y>;
  /**
   * Reads other files of the same kind, whose targets may be missing, and prepares them as `train` was prepared: with
   * the same columns, scales and vocabulary. A trained model predicts from these.
   *
   * @param place a file or a folder.
   */
  readonly unlabelled?: (place: string) => Promise<UnlabelledExamples>;
}

/** Scores by name, from one answer for each example: what a benchmark reports in addition to loss and accuracy. */
export type Scores = (answers: readonly number[], targets: readonly number[]) => Readonly<Record<string, number>>;

/** Examples of one class each. `task` may be absent: data sets were for classification before there were tasks. */
export interface ClassificationDataSet extends DataParts<tf.Tensor1D> {
  readonly task?: 'classification';
  /** Shape of one example; of ids, [length]. */
  readonly inputShape: readonly number[];
  readonly classes: number;
  /** Names of the classes, if they have any. */
  readonly classNames?: readonly string[];
  /** Present where x holds ids. */
  readonly vocabulary?: Vocabulary;
  /** Judges predicted classes. */
  readonly scores?: Scores;
}

/**
 * How the targets of a regression are scaled: y of a batch is (target - mean) / deviation, and the answers of a model
 * trained on it are scaled in the same way. Losses are computed on the scaled numbers, metrics and scores on numbers in
 * the unit of the data.
 */
export interface TargetScale {
  readonly mean: number;
  /** Above 0. */
  readonly deviation: number;
}

/** A target of a batch, or an answer of a model, in the unit of the data; unchanged if nothing was scaled. */
export function inUnitOfData(value: number, scale: TargetScale | undefined): number {
  return scale === undefined ? value : value * scale.deviation + scale.mean;
}

/** Examples of one real target each. */
export interface RegressionDataSet extends DataParts<tf.Tensor1D> {
  readonly task: 'regression';
  readonly inputShape: readonly number[];
  /** Outputs of a model: 1. */
  readonly classes: 1;
  readonly vocabulary?: Vocabulary;
  /** Present if the targets are not in the unit of the data. */
  readonly targetScale?: TargetScale;
  /** Judges outputs; they and the targets come in the unit of the data. */
  readonly scores?: Scores;
}

/** Running text, cut into windows of `inputShape[0]` ids. */
export interface LanguageDataSet extends DataParts<tf.Tensor2D> {
  readonly task: 'language-modelling';
  /** [length]. */
  readonly inputShape: readonly number[];
  /** Outputs of a model at each position: `vocabulary.size`. */
  readonly classes: number;
  readonly vocabulary: Vocabulary;
}

/** Pairs of a source and a target sequence. */
export interface SequencePairDataSet extends DataParts<tf.Tensor2D> {
  readonly task: 'sequence-to-sequence';
  /** [longest source of the data set]; a batch is as long as its own longest. */
  readonly inputShape: readonly number[];
  /** Outputs of a model at each position: `targetVocabulary.size`. */
  readonly classes: number;
  readonly vocabulary: Vocabulary;
  readonly targetVocabulary: Vocabulary;
}

/** A data set with its three parts. `task` says which kind it is; absent, classification. */
export type DataSet = ClassificationDataSet | RegressionDataSet | LanguageDataSet | SequencePairDataSet;

/** The task of a data set. */
export function taskOf(dataset: DataSet): Task {
  return dataset.task ?? 'classification';
}
