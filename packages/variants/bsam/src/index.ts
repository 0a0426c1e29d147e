export { type BsamSettings, type BsamState, bsamVariant } from './bsam.js';
export { bsam, bsamPlugin } from './plugin.js';
export { bsamPlugin as default } from './plugin.js';
export type { BsamSpecOptions } from './specOptions.js';
