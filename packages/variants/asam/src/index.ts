export { type AsamSettings, asamVariant } from './asam.js';
export { asam, asamPlugin } from './plugin.js';
export { asamPlugin as default } from './plugin.js';
export type { AsamSpecOptions } from './specOptions.js';
