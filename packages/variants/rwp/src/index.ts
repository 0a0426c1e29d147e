export { rwp, rwpPlugin } from './plugin.js';
export { type RwpSettings, type RwpState, rwpVariant } from './rwp.js';
export { rwpPlugin as default } from './plugin.js';
export type { RwpSpecOptions } from './specOptions.js';
