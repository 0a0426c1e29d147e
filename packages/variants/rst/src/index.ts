export { rst, rstPlugin } from './plugin.js';
export { type RstSettings, rstVariant } from './rst.js';
export { rstPlugin as default } from './plugin.js';
export type { RstSpecOptions } from './specOptions.js';
