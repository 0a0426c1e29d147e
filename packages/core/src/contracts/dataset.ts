import type * as tf from '@tensorflow/tfjs-core';
import type { RandomStream } from '../tensors/random.js';

/** What a data set asks of a model, and so which loss and metrics fit. */
export const tasks = ['classification', 'regression', 'language-modelling', 'sequence-to-sequence'] as const;
export type Task = (typeof tasks)[number];

/**
 * One batch: inputs `x`, targets `y`, both with the batch as first axis. The receiver disposes both.
 *
 * | task | x | y |
 * | --- | --- | --- |
 * | classification | [batch, ...inputShape], float32; int32 ids where the data set has a vocabulary | int32 [batch], classes |
 * | regression | as classification | float32 [batch], scaled as {@link TargetScale} says where there is one |
 * | language-modelling | int32 [batch, length], ids | int32 [batch, length], the id that follows each |
 * | sequence-to-sequence | int32 [batch, longest source], ids | int32 [batch, longest target], ids |
 *
 * Ids of shorter sequences are filled up with `padding` (0) at the end; padded targets count in no loss and no metric.
 * A target sequence starts with `begin` and ends with `end`: a decoder reads y[:, :-1] and predicts y[:, 1:].
 */
export interface Batch<Y extends tf.Tensor = tf.Tensor1D> {
  readonly x: tf.Tensor;
  readonly y: Y;
}

export interface BatchOptions {
  readonly batchSize: number;
  /**
   * Shuffles by this stream, and draws augmentations from it where the data set has some; without it examples come as
   * they are, in their natural order. Pass another child each epoch.
   */
  readonly shuffle?: RandomStream;
  /** Leaves out the last batch where it is smaller; default false. */
  readonly dropRemainder?: boolean;
}

/**
 * A part of a data set (train, validation, test). It may be larger than memory: a part that reads from files says in
 * its docstring what it holds at once.
 */
export interface DataPart<Y extends tf.Tensor = tf.Tensor1D> {
  /** The number of examples, known before the first is read: it decides the number of steps. */
  readonly size: number;
  /** Each iteration starts over; leaving one early frees what was read ahead. */
  batches(options: BatchOptions): AsyncIterable<Batch<Y>>;
}

/** Examples without targets, prepared as those of a data set are. */
export interface UnlabelledExamples {
  readonly size: number;
  /** What tells an example apart for whoever reads its prediction: a file, the number of a row. */
  nameOf(index: number): string;
  /** x as in {@link Batch}, in their natural order; the receiver disposes it. */
  batches(options: Pick<BatchOptions, 'batchSize'>): AsyncIterable<tf.Tensor>;
}

/** The ids of tokens: `padding` 0, `begin` 1, `end` 2, `unknown` 3 in every vocabulary, then the tokens of the data. */
export interface Vocabulary {
  readonly size: number;
  /** Token of each id. */
  readonly tokens: readonly string[];
  /** The id of a token, that of `unknown` for one that is not in the vocabulary. */
  idOf(token: string): number;
}

/** Ids that mean the same in every {@link Vocabulary}. */
export const specialTokens = Object.freeze({ padding: 0, begin: 1, end: 2, unknown: 3 } as const);

/**
 * What all data sets have. `validation` is held out of training and never touches `test`: LETS and choices may see it.
 */
export interface DataParts<Y extends tf.Tensor> {
  readonly id: string;
  readonly train: DataPart<Y>;
  readonly validation: DataPart<Y>;
  readonly test: DataPart<Y>;
  /**
   * Reads other files of the same kind, whose targets may be missing, and prepares them by what `train` taught: the
   * same columns, scales, vocabulary. What a trained model is to predict from.
   *
   * @param place a file or a folder.
   */
  readonly unlabelled?: (place: string) => Promise<UnlabelledExamples>;
}

/** Scores of answers, one for each example, by name: what a benchmark is judged by beside loss and accuracy. */
export type Scores = (answers: readonly number[], targets: readonly number[]) => Readonly<Record<string, number>>;

/** Examples of one class each. `task` may be absent: data sets were for classification before there were tasks. */
export interface ClassificationDataSet extends DataParts<tf.Tensor1D> {
  readonly task?: 'classification';
  /** Shape of one example; of ids, [length]. */
  readonly inputShape: readonly number[];
  readonly classes: number;
  /** Names of the classes, where they have some. */
  readonly classNames?: readonly string[];
  /** Present where x holds ids. */
  readonly vocabulary?: Vocabulary;
  /** Judges predicted classes. */
  readonly scores?: Scores;
}

/**
 * How the targets of a regression are scaled: y of a batch is (target - mean) / deviation, and so are the answers of a
 * model trained on it. Losses are those of the scaled numbers; metrics and scores are of numbers in the unit of the
 * data.
 */
export interface TargetScale {
  readonly mean: number;
  /** Above 0. */
  readonly deviation: number;
}

/** A target of a batch, or an answer of a model, in the unit of the data; itself where nothing was scaled. */
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
  /** Present where the targets are not in the unit of the data. */
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

/** A data set, split. `task` tells which; absent, it is classification. */
export type DataSet = ClassificationDataSet | RegressionDataSet | LanguageDataSet | SequencePairDataSet;

/** The task of a data set. */
export function taskOf(dataset: DataSet): Task {
  return dataset.task ?? 'classification';
}
