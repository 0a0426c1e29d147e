export { transformer, type Transformer, type TransformerOptions, transformerPlugin } from './transformer.js';
export { transformerPlugin as default } from './transformer.js';
export type { TransformerSpecOptions } from './specOptions.js';
