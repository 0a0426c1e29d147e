export { type GamSettings, gamVariant } from './gam.js';
export { gam, gamPlugin } from './plugin.js';
export { gamPlugin as default } from './plugin.js';
export type { GamSpecOptions } from './specOptions.js';
