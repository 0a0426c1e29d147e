export { type LightSamSettings, type LightSamState, lightSamVariant } from './lightSam.js';
export { lightsam, lightSamPlugin } from './plugin.js';
export { lightSamPlugin as default } from './plugin.js';
export type { LightsamSpecOptions } from './specOptions.js';
