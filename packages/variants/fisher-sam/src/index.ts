export { type FisherSamSettings, fisherSamVariant } from './fisherSam.js';
export { fisherSam, fisherSamPlugin } from './plugin.js';
export { fisherSamPlugin as default } from './plugin.js';
export type { FisherSamSpecOptions } from './specOptions.js';
