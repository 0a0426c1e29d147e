export { type AeSamSettings, aeSamVariant } from './aeSam.js';
export { aeSam, aeSamPlugin } from './plugin.js';
export { aeSamPlugin as default } from './plugin.js';
export type { AeSamSpecOptions } from './specOptions.js';
