export { type CrSamSettings, crSamVariant } from './crSam.js';
export { crSam, crSamPlugin } from './plugin.js';
export { crSamPlugin as default } from './plugin.js';
export type { CrSamSpecOptions } from './specOptions.js';
