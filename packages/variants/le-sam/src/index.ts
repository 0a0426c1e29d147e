export { type LeSamSettings, leSamVariant } from './leSam.js';
export { leSam, leSamPlugin } from './plugin.js';
export { leSamPlugin as default } from './plugin.js';
export type { LeSamSpecOptions } from './specOptions.js';
