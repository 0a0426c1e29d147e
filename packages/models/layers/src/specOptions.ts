// Written by `npm run options` from the schemas of the plugins: do not edit.
export type {} from '@flatmin/core';

/**
 * Options of `{ use: 'layers' }`. A tf.LayersModel of your own, saved by TensorFlow.js or converted from Keras.
 */
export interface LayersSpecOptions {
  /**
   * model.json of a saved tf.LayersModel: a file, from the folder of the config, or of an installed package (some-trunk/model.json); or a URL.
   */
  readonly path: string;
  /**
   * Names of layers that stay as they are; "block1_*" means all whose names begin so. Default: [].
   */
  readonly freeze?: readonly string[];
  /**
   * A new last layer in place of that of the file, of as many outputs as the data asks for; {} is one.
   */
  readonly head?: {
    /**
     * layer whose output the new one takes
     */
    readonly after?: string;
    /**
     * held against the classes of the data
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
