export { type FisherSamSettings, fisherSamVariant } from './fisherSam.js';
export { fisherSam, fisherSamPlugin } from './plugin.js';
export { fisherSamPlugin as default } from './plugin.js';
