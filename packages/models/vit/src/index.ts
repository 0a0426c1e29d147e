export { vit, type VitOptions, vitPlugin } from './vit.js';
export { vitPlugin as default } from './vit.js';
