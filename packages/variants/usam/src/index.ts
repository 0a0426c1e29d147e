export { usam, usamPlugin } from './plugin.js';
export { type UsamSettings, usamVariant } from './usam.js';
export { usamPlugin as default } from './plugin.js';
export type { UsamSpecOptions } from './specOptions.js';
