// Written by `npm run options` from the schemas of the plugins: do not edit.
export type {} from '@flatmin/core';

/**
 * Options of `{ use: 'parallel-text' }`. Parallel text: fairseq's IWSLT'14, any two files of lines, Debian's trans-de-en.
 */
export interface ParallelTextSpecOptions {
  /**
   * The sentences of Debian's package trans-de-en, German to English.
   */
  readonly set?: 'ding';
  /**
   * Folder with train, valid and test, two files each; not needed for a set that a package installed.
   */
  readonly dir?: string;
  /**
   * Ending of the names of the source files, such as "de"; default: the first of the two.
   */
  readonly source?: string;
  /**
   * Ending of the names of the target files, such as "en"; default: the second of the two.
   */
  readonly target?: string;
  /**
   * Names of the files of each part, [source, target]; default: found by their names.
   */
  readonly files?: {
    readonly train: readonly never[];
    readonly validation?: readonly never[];
    readonly test?: readonly never[];
  };
  /**
   * join: undoes "@@ " of subword-nmt, so that tokens are words; keep: tokens are the subwords. Default: "join".
   */
  readonly subwords?: 'join' | 'keep';
  /**
   * spaced: text is already tokenized by spaces; words: splits text into words and punctuation. Default: words for ding, otherwise spaced.
   */
  readonly tokens?: 'spaced' | 'words';
  /**
   * Converts text to lower case. Default: true.
   */
  readonly lowerCase?: boolean;
  /**
   * Pairs with more tokens on a side, or with none, are left out of train and validation; test stays complete. Default: 175.
   */
  readonly maxLength?: number;
  /**
   * Number of ids, including the four special ones; the most frequent words of train get one. Default: 10000.
   */
  readonly vocabularySize?: number;
  /**
   * Words that occur less often than this in train have no id of their own. Default: 1.
   */
  readonly minCount?: number;
  /**
   * Sources and targets are padded to a multiple of this, so that few lengths of batches, and few graphs, are needed. Default: 8.
   */
  readonly lengthMultiple?: number;
  /**
   * Fraction held out for test, drawn by seed, if there are no test files. Default: 0.1.
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
   * Number of examples of the train part, drawn by seed; default: all. Validation shrinks in proportion.
   */
  readonly train?: number;
  /**
   * Number of examples of the test part, drawn by seed; default: all.
   */
  readonly test?: number;
  /**
   * Size in bytes up to which a file is kept in memory; lines of a larger file are read as they are used. Default: 268435456.
   */
  readonly memory?: number;
}

declare module '@flatmin/core' {
  interface PluginOptions {
    readonly 'parallel-text': ParallelTextSpecOptions;
  }
  interface PluginKindById {
    readonly 'parallel-text': 'dataset';
  }
}
