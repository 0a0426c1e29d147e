// Written by `npm run options` from the schemas of the plugins: do not edit.
export type {} from '@flatmin/core';

/**
 * Options of `{ use: 'glue' }`. The nine GLUE tasks: sentences and pairs of sentences, classified or scored.
 */
export interface GlueSpecOptions {
  /**
   * Folder of the task, or the folder of all tasks.
   */
  readonly dir: string;
  /**
   * The task; default: found by the columns of train.tsv.
   */
  readonly task?: 'cola' | 'sst-2' | 'mrpc' | 'qqp' | 'sts-b' | 'mnli' | 'qnli' | 'rte' | 'wnli';
  /**
   * Only for MNLI: test on the genres of train (matched) or on others (mismatched). Default: "matched".
   */
  readonly genres?: 'matched' | 'mismatched';
  /**
   * Converts text to lower case. Default: true.
   */
  readonly lowerCase?: boolean;
  /**
   * bag: x float32, a value for each word; ids: x int32 [length], the ids of the words in order. Default: "bag".
   */
  readonly encoding?: 'bag' | 'ids';
  /**
   * The value of a word in a bag: tf-idf, count, or binary. Ids have no weight. Default: "tf-idf".
   */
  readonly weight?: 'tf-idf' | 'count' | 'binary';
  /**
   * Number of ids, including the four special ones; the most frequent words of train get one. Default: 10000.
   */
  readonly vocabularySize?: number;
  /**
   * Words that occur less often than this in train have no id of their own. Default: 1.
   */
  readonly minCount?: number;
  /**
   * Number of ids of an example: longer texts are cut, shorter ones are padded. Bags have no length. Default: 128.
   */
  readonly length?: number;
  /**
   * Only for regression: targets are (target - mean) / deviation, both of train; metrics are in the unit of the data. Default: true.
   */
  readonly standardizeTargets?: boolean;
  /**
   * Fraction of the official training rows held out for validation, drawn by seed. Default: 0.1.
   */
  readonly validation?: number;
  /**
   * Seed of the validation split, and of the label noise if that has no seed. Default: 0.
   */
  readonly seed?: number;
  /**
   * Wrong labels in train and validation; test stays clean. Default: none.
   */
  readonly labelNoise?: {
    /**
     * symmetric: a uniformly chosen other class; pair-flip: class c becomes (c + 1) mod classes. Default: "symmetric".
     */
    readonly kind?: 'symmetric' | 'pair-flip';
    /**
     * Fraction of wrong labels: exactly round(rate * n) of the n labels of a part.
     */
    readonly rate: number;
    /**
     * Seed of the noise; default: the data set's seed.
     */
    readonly seed?: number;
  };
  /**
   * Number of examples of the train part, drawn by seed; default: all. Validation shrinks in proportion.
   */
  readonly train?: number;
  /**
   * Number of examples of the test part, drawn by seed; default: all.
   */
  readonly test?: number;
  /**
   * Size in bytes up to which a file is kept in memory; rows of a larger file are read as they are used. Default: 268435456.
   */
  readonly memory?: number;
}

declare module '@flatmin/core' {
  interface PluginOptions {
    readonly glue: GlueSpecOptions;
  }
  interface PluginKindById {
    readonly glue: 'dataset';
  }
}
