export { type EigenSamSettings, type EigenSamState, eigenSamVariant } from './eigenSam.js';
export { eigenSam, eigenSamPlugin } from './plugin.js';
export { eigenSamPlugin as default } from './plugin.js';
export type { EigenSamSpecOptions } from './specOptions.js';
