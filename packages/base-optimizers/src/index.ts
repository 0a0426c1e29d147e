export { adamw, sgdw } from './factories.js';
export { adamwPlugin, baseOptimizers, sgdwPlugin } from './plugins.js';
export type { AdamwSpecOptions, SgdwSpecOptions } from './specOptions.js';
