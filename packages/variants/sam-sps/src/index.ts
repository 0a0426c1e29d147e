export { samSps, samSpsPlugin } from './plugin.js';
export { type SamSpsSettings, samSpsVariant } from './samSps.js';
export { samSpsPlugin as default } from './plugin.js';
export type { SamSpsSpecOptions } from './specOptions.js';
