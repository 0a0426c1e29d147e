export { adamw, lamb, lion, sgdw } from './factories.js';
export { adamwPlugin, baseOptimizers, lambPlugin, lionPlugin, sgdwPlugin } from './plugins.js';
export type { AdamwSpecOptions, LambSpecOptions, LionSpecOptions, SgdwSpecOptions } from './specOptions.js';
