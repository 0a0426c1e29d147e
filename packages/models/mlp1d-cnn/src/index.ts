export { mlp1dCnn, type Mlp1dCnnOptions, mlp1dCnnPlugin } from './mlp1dCnn.js';
export { mlp1dCnnPlugin as default } from './mlp1dCnn.js';
export type { Mlp1dCnnSpecOptions } from './specOptions.js';
