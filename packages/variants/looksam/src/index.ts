export { type LookSamSettings, lookSamVariant } from './lookSam.js';
export { looksam, lookSamPlugin } from './plugin.js';
export { lookSamPlugin as default } from './plugin.js';
export type { LooksamSpecOptions } from './specOptions.js';
