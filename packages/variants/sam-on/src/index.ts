export { samOn, samOnPlugin } from './plugin.js';
export { type SamOnSettings, samOnVariant } from './samOn.js';
export { samOnPlugin as default } from './plugin.js';
export type { SamOnSpecOptions } from './specOptions.js';
