export { ssam, ssamPlugin } from './plugin.js';
export { type SsamSettings, type SsamState, ssamVariant } from './ssam.js';
export { ssamPlugin as default } from './plugin.js';
export type { SsamSpecOptions } from './specOptions.js';
