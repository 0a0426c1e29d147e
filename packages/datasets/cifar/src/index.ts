export { cifar, cifarPlugin, cifarPlugin as default, type CifarOptions } from './cifar.js';
export type { CifarSpecOptions } from './specOptions.js';
