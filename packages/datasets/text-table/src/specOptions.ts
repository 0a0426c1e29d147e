// Written by `npm run options` from the schemas of the plugins: do not edit.
export type {} from '@flatmin/core';

/**
 * Options of `{ use: 'text-table' }`. Tables of numbers, categories and text with a label a row: CSV, TSV and JSON lines.
 */
export interface TextTableSpecOptions {
  /**
   * Folder of the files; or give `file`.
   */
  readonly dir?: string;
  /**
   * A single table, split by seed into train, validation (`validation`) and test (`testFraction`).
   */
  readonly file?: string;
  /**
   * Names in `dir`; without, train, dev (valid, validation) and test, or the only table there is.
   */
  readonly files?: {
    readonly train: string;
    readonly validation?: string;
    readonly test?: string;
  };
  /**
   * Format of the files; by their names' endings without.
   */
  readonly format?: 'csv' | 'tsv' | 'jsonl';
  /**
   * The first row names the columns; else they are "0", "1", ... Default true.
   */
  readonly header?: boolean;
  /**
   * Cells may stand in double quotes; default: CSV true, TSV false.
   */
  readonly quote?: boolean;
  /**
   * What separates the cells of CSV; auto: comma, semicolon, tab or bar, by the first rows. Default: "auto".
   */
  readonly delimiter?: 'auto' | string;
  /**
   * The decimal mark of numbers. Default: ".".
   */
  readonly decimal?: '.' | ',';
  /**
   * What stands for no value in a number or a category, beside an empty cell. Default: ["NA","N/A","NaN","nan","null","NULL","None","?"].
   */
  readonly missing?: readonly string[];
  /**
   * What the label is: a class or a number. Default: "classification".
   */
  readonly task?: 'classification' | 'regression';
  /**
   * Column of the label. Default: "label".
   */
  readonly label?: string;
  /**
   * Rows without a label: they are refused, or left out. Default: "refuse".
   */
  readonly unlabelled?: 'refuse' | 'drop';
  /**
   * Column of the text, or several: the two of a pair. Without `features` and `columns`, "text" where there is one.
   */
  readonly text?: string | readonly string[];
  /**
   * Columns of numbers, categories and text, beside `text`. Without either, all but the label.
   */
  readonly features?: readonly string[];
  /**
   * What columns are, where it is not what their values in train look like.
   */
  readonly columns?: {
    [k: string]: 'number' | 'category' | 'text' | 'ignore';
  };
  /**
   * (x - mean) / deviation of each column of numbers, both of train. Default: true.
   */
  readonly standardize?: boolean;
  /**
   * Of a regression: targets are (target - mean) / deviation, both of train; metrics are in the unit of the data. Default: true.
   */
  readonly standardizeTargets?: boolean;
  /**
   * words: words and marks are found; spaced: what stands between spaces, for text that is tokenized. Default: "words".
   */
  readonly tokens?: 'words' | 'spaced';
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
   * Fraction held out for test, drawn by seed, where no file is for test. Default: 0.1.
   */
  readonly testFraction?: number;
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
    readonly 'text-table': TextTableSpecOptions;
  }
  interface PluginKindById {
    readonly 'text-table': 'dataset';
  }
}
