export { xsam, xsamPlugin } from './plugin.js';
export type { SearchSettings } from './search.js';
export { type XsamSettings, type XsamState, xsamVariant } from './xsam.js';
export { xsamPlugin as default } from './plugin.js';
export type { XsamSpecOptions } from './specOptions.js';
