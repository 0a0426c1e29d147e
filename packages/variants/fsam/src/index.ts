export { type FsamSettings, type FsamState, fsamVariant } from './fsam.js';
export { fsam, fsamPlugin } from './plugin.js';
export { fsamPlugin as default } from './plugin.js';
export type { FsamSpecOptions } from './specOptions.js';
