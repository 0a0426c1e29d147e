export { vit, type VitOptions, vitPlugin } from './vit.js';
export { vitPlugin as default } from './vit.js';
export type { VitSpecOptions } from './specOptions.js';
