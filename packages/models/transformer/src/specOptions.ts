// Written by `npm run options` from the schemas of the plugins: do not edit.
export type {} from '@flatmin/core';

/**
 * Options of `{ use: 'transformer' }`. The encoder-decoder transformer: fairseq's for IWSLT'14 DE-EN, and small ones.
 */
export interface TransformerSpecOptions {
  /**
   * Numbers that represent each token; even, and a multiple of heads. Default: 512.
   */
  readonly width?: number;
  /**
   * Hidden units of each MLP. Default: 1024.
   */
  readonly hidden?: number;
  /**
   * Heads of each attention. Default: 4.
   */
  readonly heads?: number;
  /**
   * Layers of the encoder. Default: 6.
   */
  readonly encoderLayers?: number;
  /**
   * Layers of the decoder. Default: 6.
   */
  readonly decoderLayers?: number;
  /**
   * Share of values that training drops from embeddings and from what each part of a layer adds. Default: 0.3.
   */
  readonly dropout?: number;
  /**
   * Hypotheses that generate keeps for each source; 1 is greedy. Default: 5.
   */
  readonly beam?: number;
  /**
   * generate divides the log-probability of a target by its length to this power. Default: 1.
   */
  readonly lengthPenalty?: number;
  /**
   * A generated target has at most maxLengthA x source tokens + maxLengthB tokens. Default: 1.2.
   */
  readonly maxLengthA?: number;
  /**
   * See maxLengthA. Default: 10.
   */
  readonly maxLengthB?: number;
}

declare module '@flatmin/core' {
  interface PluginOptions {
    readonly transformer: TransformerSpecOptions;
  }
  interface PluginKindById {
    readonly transformer: 'model';
  }
}
