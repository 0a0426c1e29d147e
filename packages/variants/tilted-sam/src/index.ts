export { tiltedSam, tiltedSamPlugin } from './plugin.js';
export { type TiltedSamSettings, tiltedSamVariant } from './tiltedSam.js';
export { tiltedSamPlugin as default } from './plugin.js';
export type { TiltedSamSpecOptions } from './specOptions.js';
