export { sam, samPlugin } from './plugin.js';
export { type SamSettings, samVariant } from './sam.js';
export { samPlugin as default } from './plugin.js';
export type { SamSpecOptions } from './specOptions.js';
