export { type EsamSettings, esamVariant } from './esam.js';
export { esam, esamPlugin } from './plugin.js';
export { esamPlugin as default } from './plugin.js';
export type { EsamSpecOptions } from './specOptions.js';
