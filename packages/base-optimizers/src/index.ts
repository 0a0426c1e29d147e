export { adamw, sgdw } from './factories.js';
export { adamwPlugin, baseOptimizers, sgdwPlugin } from './plugins.js';
