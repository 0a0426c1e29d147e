export { stableSam, stableSamPlugin } from './plugin.js';
export { stableSamVariant } from './stableSam.js';
export { stableSamPlugin as default } from './plugin.js';
export type { StableSamSpecOptions } from './specOptions.js';
