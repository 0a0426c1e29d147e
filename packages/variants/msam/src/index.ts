export { type MsamSettings, msamVariant } from './msam.js';
export { msam, msamPlugin } from './plugin.js';
export { msamPlugin as default } from './plugin.js';
export type { MsamSpecOptions } from './specOptions.js';
