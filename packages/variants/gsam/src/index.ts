export { type GsamSettings, gsamVariant } from './gsam.js';
export { gsam, gsamPlugin } from './plugin.js';
export { gsamPlugin as default } from './plugin.js';
export type { GsamSpecOptions } from './specOptions.js';
