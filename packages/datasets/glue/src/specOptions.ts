// Written by `npm run options` from the schemas of the plugins: do not edit.
export type {} from '@flatmin/core';

/**
 * Options of `{ use: 'glue' }`. The nine GLUE tasks: sentences and pairs of sentences, classified or scored.
 */
export interface GlueSpecOptions {
  /**
   * Folder of the task, or that of all tasks.
   */
  readonly dir: string;
  /**
   * Which task; by the columns of its train.tsv without.
   */
  readonly task?: 'cola' | 'sst-2' | 'mrpc' | 'qqp' | 'sts-b' | 'mnli' | 'qnli' | 'rte' | 'wnli';
  /**
   * Of MNLI: test on the genres of train (matched) or on others (mismatched). Default: "matched".
   */
  readonly genres?: 'matched' | 'mismatched';
  /**
   * Text is lower-cased. Default: true.
   */
  readonly lowerCase?: boolean;
  /**
   * bag: x float32, a value for each word; ids: x int32 [length], the ids of the words in their order. Default: "bag".
   */
  readonly encoding?: 'bag' | 'ids';
  /**
   * What a bag holds of a word: tf-idf, count, or binary. Ids have no weight. Default: "tf-idf".
   */
  readonly weight?: 'tf-idf' | 'count' | 'binary';
  /**
   * Ids in all, the four special ones included: the most frequent words of train have one. Default: 10000.
   */
  readonly vocabularySize?: number;
  /**
   * Words that train has less often have no id of their own. Default: 1.
   */
  readonly minCount?: number;
  /**
   * Ids of one example: longer texts are cut, shorter ones filled up with padding. Bags have no length. Default: 128.
   */
  readonly length?: number;
  /**
   * Of a regression: targets are (target - mean) / deviation, both of train; metrics are in the unit of the data. Default: true.
   */
  readonly standardizeTargets?: boolean;
  /**
   * Fraction of the official training rows held out for validation, drawn by seed. Default: 0.1.
   */
  readonly validation?: number;
  /**
   * Seed of the validation split, and of the label noise where that has none. Default: 0.
   */
  readonly seed?: number;
  /**
   * Wrong labels in train and validation; test stays clean. None without.
   */
  readonly labelNoise?: {
    /**
     * symmetric: a uniformly chosen other class; pair-flip: class c becomes (c + 1) mod classes. Default: "symmetric".
     */
    readonly kind?: 'symmetric' | 'pair-flip';
    /**
     * Fraction of wrong labels: exactly round(rate * n) of the n of a part.
     */
    readonly rate: number;
    /**
     * Seed of the noise; the data set's seed without.
     */
    readonly seed?: number;
  };
  /**
   * Examples of the train part, drawn by seed; all without. Validation shrinks in proportion.
   */
  readonly train?: number;
  /**
   * Examples of the test part, drawn by seed; all without.
   */
  readonly test?: number;
  /**
   * Bytes up to which a file is kept in memory; of a larger one the rows are read as they are used. Default: 268435456.
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
