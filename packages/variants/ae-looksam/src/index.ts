export { type AeLookSamSettings, aeLookSamVariant } from './aeLookSam.js';
export { aeLookSam, aeLookSamPlugin } from './plugin.js';
export { aeLookSamPlugin as default } from './plugin.js';
export type { AeLooksamSpecOptions } from './specOptions.js';
