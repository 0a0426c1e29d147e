export { functionalSam, functionalSamPlugin } from './plugin.js';
export { functionalSamVariant } from './functionalSam.js';
export { functionalSamPlugin as default } from './plugin.js';
export type { FunctionalSamSpecOptions } from './specOptions.js';
