// Written by `npm run options` from the schemas of the plugins: do not edit.
export type {} from '@flatmin/core';

/**
 * Options of `{ use: 'text-encoder' }`. Text encoders: BERT, and disentangled attention as in DeBERTa.
 */
export interface TextEncoderSpecOptions {
  /**
   * bert: positions are added to tokens; disentangled: attention sees distances beside tokens, as in DeBERTa. Default: "bert".
   */
  readonly attention?: 'bert' | 'disentangled';
  /**
   * Numbers that stand for each token; a multiple of heads. Default: 768.
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
   * Hidden units of each MLP over width. Default: 4.
   */
  readonly mlpRatio?: number;
  /**
   * bert: the longest sequence; disentangled: distances from here on share an embedding. Default: 512.
   */
  readonly positions?: number;
  /**
   * Probability by which values are dropped: embeddings, shares of attention, both branches of a block, what goes to the head. Default: 0.1.
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
