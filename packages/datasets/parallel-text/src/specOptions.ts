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
   * Folder of train, valid and test, two files each; not needed for a set that a package installed.
   */
  readonly dir?: string;
  /**
   * End of the names of the source files, such as "de"; the first of the two there are.
   */
  readonly source?: string;
  /**
   * End of the names of the target files, such as "en"; the second of the two there are.
   */
  readonly target?: string;
  /**
   * Names of the files of each part, [source, target]; by their names without.
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
   * spaced: text is tokenized, by spaces; words: words and marks are found. Of ding words, else spaced.
   */
  readonly tokens?: 'spaced' | 'words';
  /**
   * Text is lower-cased. Default: true.
   */
  readonly lowerCase?: boolean;
  /**
   * Pairs with more tokens on a side, or none, are left out of train and validation; test stays whole. Default: 175.
   */
  readonly maxLength?: number;
  /**
   * Ids in all, the four special ones included: the most frequent words of train have one. Default: 10000.
   */
  readonly vocabularySize?: number;
  /**
   * Words that train has less often have no id of their own. Default: 1.
   */
  readonly minCount?: number;
  /**
   * Sources and targets are filled up to a multiple of it: few lengths of batches, and so few graphs of a step. Default: 8.
   */
  readonly lengthMultiple?: number;
  /**
   * Fraction held out for test, drawn by seed, where no files are for test. Default: 0.1.
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
   * Examples of the train part, drawn by seed; all without. Validation shrinks in proportion.
   */
  readonly train?: number;
  /**
   * Examples of the test part, drawn by seed; all without.
   */
  readonly test?: number;
  /**
   * Bytes up to which a file is kept in memory; of a larger one the lines are read as they are used. Default: 268435456.
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
