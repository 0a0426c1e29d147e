export { mlp, mlpPlugin, type MlpOptions } from './mlp.js';
export { mlpPlugin as default } from './mlp.js';
export { type Activation, type Normalization } from './denseLayers.js';
export type { MlpSpecOptions } from './specOptions.js';
