// Written by `npm run options` from the schemas of the plugins: do not edit.
export type {} from '@flatmin/core';

/**
 * Options of `{ use: 'layers' }`. Your own tf.LayersModel, saved by TensorFlow.js or converted from Keras.
 */
export interface LayersSpecOptions {
  /**
   * model.json of a saved tf.LayersModel: a path relative to the folder of the config, a file of an installed package (some-trunk/model.json), or a URL.
   */
  readonly path: string;
  /**
   * Names of layers that are not trained; "block1_*" means all layers whose names begin with block1_. Default: [].
   */
  readonly freeze?: readonly string[];
  /**
   * A new last layer in place of the one in the file, with as many outputs as the data needs; {} is one.
   */
  readonly head?: {
    /**
     * the layer whose output the new layer takes
     */
    readonly after?: string;
    /**
     * number of classes; must match the data
     */
    readonly classes?: number;
    /**
     * rate of dropout before it
     */
    readonly dropout?: number;
  };
}

declare module '@flatmin/core' {
  interface PluginOptions {
    readonly layers: LayersSpecOptions;
  }
  interface PluginKindById {
    readonly layers: 'model';
  }
}
