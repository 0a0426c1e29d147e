// Written by `npm run options` from the schemas of the plugins: do not edit.
export type {} from '@flatmin/core';

/**
 * Options of `{ use: 'text-encoder' }`. Text encoders: BERT, and disentangled attention as in DeBERTa.
 */
export interface TextEncoderSpecOptions {
  /**
   * bert: positions are added to tokens; disentangled: attention uses distances as well as tokens, as in DeBERTa. Default: "bert".
   */
  readonly attention?: 'bert' | 'disentangled';
  /**
   * Numbers that represent each token; a multiple of heads. Default: 768.
   */
  readonly width?: number;
  /**
   * Blocks of attention and MLP. Default: 12.
   */
  readonly depth?: number;
  /**
   * Heads of each attention. Default: 12.
   */
  readonly heads?: number;
  /**
   * Hidden units of each MLP divided by width. Default: 4.
   */
  readonly mlpRatio?: number;
  /**
   * bert: the longest sequence; disentangled: distances of this size and more share an embedding. Default: 512.
   */
  readonly positions?: number;
  /**
   * Probability that a value is dropped, in embeddings, attention weights, both branches of a block, and the input of the head. Default: 0.1.
   */
  readonly dropout?: number;
}

declare module '@flatmin/core' {
  interface PluginOptions {
    readonly 'text-encoder': TextEncoderSpecOptions;
  }
  interface PluginKindById {
    readonly 'text-encoder': 'model';
  }
}
