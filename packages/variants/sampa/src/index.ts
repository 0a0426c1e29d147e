export { sampa, sampaPlugin } from './plugin.js';
export { type SampaSettings, type SampaState, sampaVariant } from './sampa.js';
export { sampaPlugin as default } from './plugin.js';
export type { SampaSpecOptions } from './specOptions.js';
