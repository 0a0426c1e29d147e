// Written by `npm run options` from the schemas of the plugins: do not edit.
export type {} from '@flatmin/core';

/**
 * Options of `{ use: 'text-table' }`. Tables of numbers, categories and text with a label in each row: CSV, TSV and JSON lines.
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
   * Names in `dir`; default: train, dev (valid, validation) and test, or the only table.
   */
  readonly files?: {
    readonly train: string;
    readonly validation?: string;
    readonly test?: string;
  };
  /**
   * Format of the files; default: by the file extension.
   */
  readonly format?: 'csv' | 'tsv' | 'jsonl';
  /**
   * Whether the first row names the columns; otherwise they are "0", "1", ... Default: true.
   */
  readonly header?: boolean;
  /**
   * Whether cells may be in double quotes; default: true for CSV, false for TSV.
   */
  readonly quote?: boolean;
  /**
   * The character that separates the cells of CSV; auto: comma, semicolon, tab or bar, found from the first rows. Default: "auto".
   */
  readonly delimiter?: 'auto' | string;
  /**
   * The decimal mark of numbers. Default: ".".
   */
  readonly decimal?: '.' | ',';
  /**
   * Texts that mean a missing value in a number or a category, besides an empty cell. Default: ["NA","N/A","NaN","nan","null","NULL","None","?"].
   */
  readonly missing?: readonly string[];
  /**
   * Whether the label is a class or a number. Default: "classification".
   */
  readonly task?: 'classification' | 'regression';
  /**
   * Column of the label. Default: "label".
   */
  readonly label?: string;
  /**
   * Whether rows without a label are refused or left out. Default: "refuse".
   */
  readonly unlabelled?: 'refuse' | 'drop';
  /**
   * Column of the text, or two columns for a pair. Default, without `features` and `columns`: "text" if it exists.
   */
  readonly text?: string | readonly string[];
  /**
   * Columns of numbers, categories and text, in addition to `text`. Default, without either: all except the label.
   */
  readonly features?: readonly string[];
  /**
   * Kinds of columns, if the values in train suggest others.
   */
  readonly columns?: {
    [k: string]: 'number' | 'category' | 'text' | 'ignore';
  };
  /**
   * (x - mean) / deviation of each column of numbers, both of train. Default: true.
   */
  readonly standardize?: boolean;
  /**
   * Only for regression: targets are (target - mean) / deviation, both of train; metrics are in the unit of the data. Default: true.
   */
  readonly standardizeTargets?: boolean;
  /**
   * words: splits text into words and punctuation; spaced: splits it at spaces, for text that is already tokenized. Default: "words".
   */
  readonly tokens?: 'words' | 'spaced';
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
   * Fraction held out for test, drawn by seed, if there is no test file. Default: 0.1.
   */
  readonly testFraction?: number;
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
    readonly 'text-table': TextTableSpecOptions;
  }
  interface PluginKindById {
    readonly 'text-table': 'dataset';
  }
}
