export { wsam, wsamPlugin } from './plugin.js';
export { type WsamSettings, wsamVariant } from './wsam.js';
export { wsamPlugin as default } from './plugin.js';
export type { WsamSpecOptions } from './specOptions.js';
