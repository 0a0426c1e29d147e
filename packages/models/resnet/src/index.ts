export { type ResnetOptions } from './options.js';
export { resnet, resnetPlugin } from './resnet.js';
export { resnetPlugin as default } from './resnet.js';
export { type Architecture, architectures } from './architectures.js';
export type { ResnetSpecOptions } from './specOptions.js';
