export { resnet, type ResnetOptions, resnetPlugin } from './resnet.js';
export { resnetPlugin as default } from './resnet.js';
export { type Architecture, architectures } from './architectures.js';
