export { digestOf } from './digest.js';
export { fuzzCount, fuzzFiles, type FuzzOptions, type FuzzResult } from './fuzzFiles.js';
export { mutate, mutationNames } from './mutate.js';
